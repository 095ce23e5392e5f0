"""One run from a data set to a run folder: check everything that can be checked, ask, score, keep."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path

from rich.console import Console

from reward_fn.errors import RewardFunctionError
from reward_fn.types.definition import Definition
from rewardctl.cloud.errors import CloudError
from rewardctl.data import DataError, Line
from rewardctl.engine.batches import batches
from rewardctl.engine.consent import agree_on_calls, refuse_contradictions, show_caution
from rewardctl.engine.local import LocalWork, score_here
from rewardctl.engine.outcome import Outcome
from rewardctl.engine.place import about_run, default_folder, identity_of, limited, needs_groups, spooled
from rewardctl.engine.progress import showing
from rewardctl.engine.request import EMULATED, FinishedRun, RunRequest, Stopped
from rewardctl.engine.results import write_results
from rewardctl.engine.sample import sample_of
from rewardctl.judges.choice import OWN, JudgeChoice, JudgeChoiceError
from rewardctl.local.errors import LocalError
from rewardctl.runs.folder import INFO, RunError, RunFolder, open_verdicts, progress_of, read_info
from rewardctl.runs.records import RecordsError
from rewardctl.runs.state import Progress
from rewardctl.runs.verdicts import RunVerdicts, Spent

EXIT_CAP = 4
EXIT_INTERRUPTED = 130


def score_run(request: RunRequest, console: Console) -> FinishedRun:
    """Score all rows, or those that an earlier run left. Raises Stopped."""
    try:
        return _score_run(request, console)
    except (DataError, JudgeChoiceError, RunError, RecordsError, RewardFunctionError) as error:
        raise Stopped(str(error), 1) from error
    except sqlite3.Error as error:
        raise Stopped(f"verdicts.sqlite can't be used: {error}; free space, and try again", 1) from error
    except (LocalError, CloudError) as error:
        raise Stopped(". ".join(filter(None, (error.message, error.remedy))), 1) from error
    except KeyboardInterrupt as error:
        raise Stopped("Stopped; the same command goes on.", EXIT_INTERRUPTED) from error


def _score_run(request: RunRequest, console: Console) -> FinishedRun:
    if conflict := request.conflict():
        raise Stopped(conflict, 1)
    if request.is_deployed:
        request = replace(request, judge=OWN)
    choice = request.choice
    definition = choice.definition(request.definition)
    refuse_contradictions(request, choice, definition)
    show_caution(request, choice, definition, console)
    data = spooled(request.data)
    sample = sample_of(limited(data, request.limit))
    identity = identity_of(request, definition, data)
    folder = request.folder or default_folder(identity)
    if folder.resolve().is_relative_to(Path(data).resolve()) and Path(data).is_dir():
        raise Stopped(f"the run folder {folder} lies in the data {data}; name another with --run", 1)
    if left := sample.lines - _lines_done(folder):
        request = agree_on_calls(request, definition, sample, left, console)
    with RunFolder.open(folder, identity, about_run(request, choice, definition, sample.lines)) as run:
        was_complete = run.is_finished
        if run.progress.lines and not was_complete:
            console.print(f"continuing {folder} after {run.progress.rows:,} rows", style="dim", markup=False)
        if not was_complete:
            _fill(run, request, request.choice, definition, console)
        if request.out:
            write_results(run.path, request.out)
        judge = "" if definition.judge is None or request.target else request.judge
        return FinishedRun(folder, definition, judge, run.progress, _spent(run), was_complete)


def _lines_done(folder: Path) -> int:
    return progress_of(folder, read_info(folder)).lines if (folder / INFO).is_file() else 0


def _fill(
    run: RunFolder, request: RunRequest, choice: JudgeChoice, definition: Definition, console: Console
) -> None:
    """Score what the folder lacks. Raises Stopped."""
    by_group = needs_groups(definition, choice)

    def left() -> Iterator[list[Line]]:
        cut = batches(limited(run.identity.data, request.limit), run.about["batch_rows"], by_group=by_group)
        return islice(cut, run.progress.batches, None)

    if request.batch:
        from rewardctl.engine.job_step import judge_by_jobs

        judge_by_jobs(run, request, left(), definition, console)
    try:
        with (
            open_verdicts(run.path) as store,
            showing(console, run, run.about["lines"], store),
            _outcomes(left(), request, choice, definition, run, console) as outcomes,
        ):
            _keep(outcomes, run, store, request.max_usd)
    except KeyboardInterrupt as error:
        raise Stopped(_interrupted(run), EXIT_INTERRUPTED) from error
    run.finish()


def _keep(outcomes: Iterator[Outcome], run: RunFolder, store: RunVerdicts, max_usd: float) -> None:
    """Append each outcome to the run. Raises Stopped at the cap, and RunError."""
    if not run.progress.batches:
        store.forget_ids()
    since_s = time.monotonic()
    for outcome in outcomes:
        spent = store.spent()
        if outcome.over_budget:
            raise Stopped(_cap_reached(run, spent, max_usd), EXIT_CAP)
        now_s = time.monotonic()
        added: Progress = replace(
            outcome.progress, wall_s=now_s - since_s, repeated=store.repeated(outcome.ids)
        )
        since_s = now_s
        run.append(outcome.records, added, calls=spent.calls, cost_usd=spent.usd)


@contextmanager
def _outcomes(
    left: Iterator[list[Line]],
    request: RunRequest,
    choice: JudgeChoice,
    definition: Definition,
    run: RunFolder,
    console: Console,
) -> Iterator[Iterator[Outcome]]:
    """The outcomes of batches, in this process, in several, or from a function."""
    if not request.target:
        workers, from_jobs = request.workers or 0, bool(request.batch)
        work = LocalWork(
            request.definition, choice, run.path, workers, request.max_usd, from_jobs, request.stored
        )
        if request.processes > 1:
            from rewardctl.engine.processes import score_in_processes

            here = score_in_processes(left, work, request.processes)
        else:
            here = score_here(left, work)
        with closing(here):  # type: ignore[type-var]  # generators
            yield here
        return
    from rewardctl.engine.functions import target_of
    from rewardctl.engine.target import score_at_target

    at_once = 1 if request.target == EMULATED else request.concurrency  # an emulated environment is alone
    with (
        target_of(request, run.path / "function.log", console) as invoke,
        closing(score_at_target(left, invoke, definition, at_once)) as there,  # type: ignore[type-var]
    ):
        yield there


def _cap_reached(run: RunFolder, spent: Spent, max_usd: float) -> str:
    return (
        f"The cap of ${max_usd:.2f} is reached: ${spent.usd:.4f} spent on {spent.calls:,} calls, "
        f"{run.progress.rows:,} rows scored. All verdicts are kept in {run.path}; the same command with a "
        "higher --max-usd goes on."
    )


def _interrupted(run: RunFolder) -> str:
    spent = _spent(run)
    return (
        f"Stopped after {run.progress.rows:,} rows and {spent.calls:,} judge calls (${spent.usd:.4f}). All "
        f"verdicts are kept in {run.path}; the same command goes on."
    )


def _spent(run: RunFolder) -> Spent:
    with open_verdicts(run.path) as store:
        return store.spent()
