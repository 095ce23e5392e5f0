"""Score batches in this process or in several, always handing them back in order."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import cast

from reward_fn.judge.limit.gates import Gates
from reward_fn.pipeline import Scorer
from reward_fn.types.definition import Definition
from rewardctl.data import Line
from rewardctl.engine.batch import NeedsRollouts, Outcome, score_lines
from rewardctl.judges.choice import JudgeChoice
from rewardctl.runs.counted import CountedJudge
from rewardctl.runs.folder import VERDICTS, open_verdicts
from rewardctl.runs.verdicts import RunVerdicts

AHEAD = 3
"""Batches in hand for each process: one at work, and two so that it never waits for this process."""


@dataclass(frozen=True, slots=True)
class LocalWork:
    """How to score, in a form that another process can take over.

    ``folder`` holds the verdicts, shared by all processes. ``workers`` are the judge calls at once of one
    process; 0 leaves it to JUDGE_MAX_WORKERS. ``max_usd`` caps what the run spends; 0 for no cap.
    ``from_jobs`` says that the folder holds replies of batch jobs.
    """

    definition: str
    choice: JudgeChoice
    folder: Path
    workers: int = 0
    max_usd: float = 0.0
    from_jobs: bool = False

    def read_definition(self) -> Definition:
        """The definition as the judge answers it."""
        return self.choice.definition(self.definition)


class Scoring:
    """An open judge and store with which this process scores batches."""

    def __init__(
        self, scorer: Scorer, prepare: NeedsRollouts | None, store: RunVerdicts, max_usd: float
    ) -> None:
        self._scorer = scorer
        self._prepare = prepare
        self._store = store
        self._max_usd = max_usd

    def score(self, lines: Sequence[Line]) -> Outcome:
        """Score one batch, for no more than what is left of the cap."""
        scorer = self._scorer
        if self._max_usd and scorer.judge is not None:
            left = self._max_usd - self._store.spent().usd
            cap = replace(scorer.settings, max_cost_usd=max(left, 1e-9))
            scorer = replace(scorer, settings=cap)
        return score_lines(lines, scorer, self._prepare)


@contextmanager
def open_scoring(work: LocalWork) -> Iterator[Scoring]:
    """Open the judge and the run's verdicts. Raises what :meth:`JudgeChoice.opened` raises, and RunError."""
    definition = work.read_definition()
    opener = _job_verdicts if work.from_jobs else open_verdicts
    with work.choice.opened(definition) as opened, opener(work.folder) as store:
        settings = opened.settings
        if work.workers:
            settings = replace(settings, judge_max_workers=work.workers)
        judge = CountedJudge(opened.judge, store) if opened.judge is not None else None
        scorer = Scorer(definition, judge, settings, opened.store or store, Gates())
        prepare = opened.judge if hasattr(opened.judge, "prepare") else None
        yield Scoring(scorer, cast("NeedsRollouts | None", prepare), store, work.max_usd)


def _job_verdicts(folder: Path) -> RunVerdicts:
    from rewardctl.batch_jobs.replies import JobVerdicts

    return JobVerdicts(folder / VERDICTS)


def score_all(batches: Iterable[Sequence[Line]], work: LocalWork, processes: int = 1) -> Iterator[Outcome]:
    """The outcome of each batch, in order."""
    if processes <= 1:
        with open_scoring(work) as scoring:
            for batch in batches:
                yield scoring.score(batch)
        return
    share = replace(work, workers=max(1, work.workers // processes)) if work.workers else work
    # A new interpreter for each: a fork would copy locks that threads of this process hold.
    with ProcessPoolExecutor(processes, get_context("spawn"), _begin, (share,)) as pool:
        waiting: deque[Future[Outcome]] = deque()
        try:
            for batch in batches:
                waiting.append(pool.submit(_score, batch))
                if len(waiting) >= AHEAD * processes:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


_scoring: Scoring | None = None
_stack = ExitStack()


def _begin(work: LocalWork) -> None:
    """In a process of the pool: open once, keep until the process ends."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C stops the caller, which stops the pool
    globals()["_scoring"] = _stack.enter_context(open_scoring(work))


def _score(batch: Sequence[Line]) -> Outcome:
    if _scoring is None:
        raise RuntimeError("the process was not prepared")
    return _scoring.score(batch)
