"""One run from a data set to a run folder: check everything that can be checked, ask, score, keep."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice

from rich.console import Console

from reward_fn.errors import RewardFunctionError
from reward_fn.judge.models.facts import list_date
from reward_fn.judge.vote.panel import models_of
from reward_fn.types.definition import Definition
from rewardctl.cloud.errors import CloudError
from rewardctl.data import DataError, Line
from rewardctl.engine.batch import Outcome
from rewardctl.engine.batches import batches
from rewardctl.engine.consent import refuse_contradictions, require_consent, show_caution
from rewardctl.engine.local import LocalWork, score_all
from rewardctl.engine.place import batch_rows, default_folder, identity_of, limited, needs_groups, spooled
from rewardctl.engine.progress import showing
from rewardctl.engine.request import FinishedRun, RunRequest, Stopped
from rewardctl.engine.results import write_results
from rewardctl.engine.sample import Sample, sample_of
from rewardctl.judges.choice import JudgeChoice, JudgeChoiceError
from rewardctl.local.errors import LocalError
from rewardctl.runs.folder import INFO, RunError, RunFolder, open_verdicts, read_info
from rewardctl.runs.records import RecordsError
from rewardctl.runs.verdicts import Spent

MAX_REPEATED = 20


def score_run(request: RunRequest, console: Console) -> FinishedRun:
    """Score all rows, or those that an earlier run left. Raises Stopped."""
    try:
        return _score_run(request, console)
    except (DataError, JudgeChoiceError, RunError, RecordsError, RewardFunctionError) as error:
        raise Stopped(str(error), 1) from error
    except (LocalError, CloudError) as error:
        raise Stopped(f"{error.message} {error.remedy}".strip(), 1) from error


def _score_run(request: RunRequest, console: Console) -> FinishedRun:
    choice = JudgeChoice(request.judge, request.profile, request.region)
    definition = choice.definition(request.definition)
    refuse_contradictions(request, choice, definition)
    show_caution(request, choice, definition, console)
    data = spooled(request.data)
    sample = sample_of(limited(data, request.limit))
    identity = identity_of(request, definition, data)
    folder = request.folder or default_folder(identity)
    before = read_info(folder) if (folder / INFO).is_file() else {}
    done = int(before.get("progress", {}).get("rows", 0))
    is_paid = not choice.is_free and not request.target and definition.judge is not None
    if is_paid and not before.get("finished_at"):
        require_consent(request, definition, sample, done, console)
    about = {
        "models": list(models_of(definition.judge)) if definition.judge else [],
        "batch_rows": batch_rows(request, choice, definition),
        "prices_of": str(list_date()),
        "finished_at": None,
        "rows": sample.rows,
    }
    with RunFolder.open(folder, identity, about) as run:
        if done:
            console.print(f"continuing {folder} after {done:,} rows", style="dim", markup=False)
        was_complete = run.is_finished
        repeated = [] if was_complete else _fill(run, request, choice, definition, data, sample, console)
        spent = _spent(run)
        if request.out:
            write_results(run.path, request.out)
        return FinishedRun(folder, definition, request.judge, run.progress, spent, was_complete, repeated)


def _fill(
    run: RunFolder,
    request: RunRequest,
    choice: JudgeChoice,
    definition: Definition,
    data: str,
    sample: Sample,
    console: Console,
) -> list[tuple[int, int]]:
    """Score what the folder lacks; returns lines with an id that another line has. Raises Stopped."""
    by_group = needs_groups(definition, choice)
    cut = batches(limited(data, request.limit), run.about["batch_rows"], by_group=by_group)
    left = islice(cut, run.progress.batches, None)
    if request.batch:
        _judge_by_jobs(run, request, definition, by_group=by_group, data=data, console=console)
    repeated: list[tuple[int, int]] = []
    try:
        with (
            open_verdicts(run.path) as store,
            showing(console, run, sample.rows, store),
            _outcomes(left, request, choice, definition, run, console) as outcomes,
        ):
            for outcome in outcomes:
                if outcome.over_budget:
                    raise Stopped(_cap_reached(request, run, store.spent()), 4)
                repeated += store.repeated(outcome.ids)[: MAX_REPEATED - len(repeated)]
                spent = store.spent()
                run.append(outcome.records, outcome.progress, calls=spent.calls, cost_usd=spent.usd)
    except KeyboardInterrupt as error:
        raise Stopped(_interrupted(run), 130) from error
    run.save(finished_at=time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime()))
    return repeated


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
        workers = request.workers or 0
        work = LocalWork(
            request.definition, choice, run.path, workers, request.max_usd, from_jobs=bool(request.batch)
        )
        yield score_all(left, work, request.processes)
        return
    from rewardctl.engine.target import EMULATED, deployed, emulated, score_at_target
    from rewardctl.local.inputs import resolve_definition

    def say(line: str) -> None:
        console.print(line, style="dim", markup=False)

    if request.target == EMULATED:
        with emulated(resolve_definition(request.definition), run.path / "function.log", say) as invoke:
            yield score_at_target(left, invoke, definition, 1)
        return
    with deployed(request.target, request.profile, request.region) as invoke:
        yield score_at_target(left, invoke, definition, request.concurrency)


def _judge_by_jobs(
    run: RunFolder,
    request: RunRequest,
    definition: Definition,
    *,
    by_group: bool,
    data: str,
    console: Console,
) -> None:
    """Have Bedrock's batch jobs answer what they can; the rest is asked directly. Raises CloudError."""
    from rewardctl.batch_jobs.job import Place
    from rewardctl.batch_jobs.step import judge_by_jobs
    from rewardctl.cloud.clients import connect

    cut = batches(limited(data, request.limit), run.about["batch_rows"], by_group=by_group)
    left = islice(cut, run.progress.batches, None)
    clients = connect(request.profile, request.region)
    place = Place(request.batch, request.batch_role)

    def say(line: str) -> None:
        console.print(line, style="dim", markup=False)

    try:
        judge_by_jobs(run, left, definition, place, clients, say)
    except KeyboardInterrupt as error:
        words = "Stopped. A batch job that was made goes on, and the same command waits for it."
        raise Stopped(words, 130) from error


def _cap_reached(request: RunRequest, run: RunFolder, spent: Spent) -> str:
    return (
        f"The cap of ${request.max_usd:.2f} is reached: ${spent.usd:.4f} spent on {spent.calls:,} calls, "
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
