"""Score batches in this process, always handing them back in order."""

import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from reward_fn.judge.limit.gates import Gates
from reward_fn.judge.vote.panel import voters
from reward_fn.pipeline import Scorer
from reward_fn.types.definition import Definition
from rewardctl.data import Line
from rewardctl.engine.batch import NeedsRollouts, score_lines
from rewardctl.engine.outcome import Outcome
from rewardctl.judges.choice import JudgeChoice
from rewardctl.replay.stored import StoredVerdicts, VerdictReader
from rewardctl.runs.counted import CountedJudge
from rewardctl.runs.folder import VERDICTS, RunError, open_verdicts
from rewardctl.runs.last_begun import LastBegun
from rewardctl.runs.verdicts import RunVerdicts

BATCHES_AT_ONCE = 4
"""Batches of a paid judge that overlap: a call that takes as long as three batches holds up nothing."""
LEAST_USD = 1e-9
"""A cap that is used up: no call costs less, and 0 would be no cap."""


@dataclass(frozen=True, slots=True)
class LocalWork:
    """How to score, in a form that another process can take over.

    ``folder`` holds the verdicts, shared by all processes. ``workers`` are the judge calls at once of one
    process; 0 leaves it to JUDGE_MAX_WORKERS. ``max_usd`` caps what the run spends; 0 for no cap.
    ``from_jobs`` says that the folder holds replies of batch jobs, ``stored`` that the data are records whose
    verdicts are used.
    """

    definition: str
    choice: JudgeChoice
    folder: Path
    workers: int = 0
    max_usd: float = 0.0
    from_jobs: bool = False
    stored: StoredVerdicts | None = None

    def read_definition(self) -> Definition:
        """The definition as the judge answers it."""
        return self.choice.definition(self.definition)


class Scoring:
    """An open judge and store with which this process scores batches."""

    def __init__(
        self,
        scorer: Scorer,
        prepare: NeedsRollouts | None,
        store: RunVerdicts,
        max_usd: float,
        reader: VerdictReader | None = None,
    ) -> None:
        self._scorer = scorer
        self._prepare = prepare
        self._store = store
        self._max_usd = max_usd
        self._reader = reader

    @property
    def overlaps(self) -> bool:
        """Whether two batches may be scored at once.

        Not with a cap, since both would spend what is left of it, nor with a judge prepared for one batch.
        """
        return self._scorer.judge is not None and self._prepare is None and not self._max_usd

    def score(self, lines: Sequence[Line], last_begun: threading.Event | None = None) -> Outcome:
        """Score one batch, for no more than what is left of the cap.

        Sets ``last_begun`` when the last judge call has begun, if that is known. Raises RunError if a verdict
        could not be written to the run folder.
        """
        scorer = self._scorer
        if self._max_usd and scorer.judge is not None:
            left = self._max_usd - self._store.spent().usd
            scorer = replace(scorer, settings=replace(scorer.settings, max_cost_usd=max(left, LEAST_USD)))
        spec = scorer.definition.judge
        if last_begun is not None and spec is not None and scorer.cache is not None:
            scorer = replace(scorer, cache=LastBegun(scorer.cache, voters(spec), last_begun))
        outcome = score_lines(lines, scorer, self._prepare, self._reader)
        if self._store.failure:
            raise RunError(
                f"a verdict can't be written to the run folder: {self._store.failure}; those written before "
                "are kept. Free space, and give the same command again"
            )
        return outcome

    def stop(self) -> None:
        """Begin no further judge call."""
        if isinstance(self._scorer.judge, CountedJudge):
            self._scorer.judge.stop()


@contextmanager
def open_scoring(work: LocalWork) -> Iterator[Scoring]:
    """Open the judge and the run's verdicts. Raises what :meth:`JudgeChoice.opened` raises, and RunError."""
    definition = work.read_definition()
    opener = _job_verdicts if work.from_jobs else open_verdicts
    with work.choice.opened(definition) as opened, opener(work.folder) as store:
        settings = opened.settings
        if work.workers:
            settings = replace(settings, judge_max_workers=work.workers)
        judge = opened.judge and CountedJudge(opened.judge, store, settings.judge_max_workers)
        scorer = Scorer(definition, judge, settings, opened.store or store, Gates(), text_signs=False)
        prepare = opened.judge if hasattr(opened.judge, "prepare") else None
        reader = work.stored.reader(definition) if work.stored else None
        yield Scoring(scorer, cast("NeedsRollouts | None", prepare), store, work.max_usd, reader)


def _job_verdicts(folder: Path) -> RunVerdicts:
    from rewardctl.batch_jobs.replies import JobVerdicts

    return JobVerdicts(folder / VERDICTS)


def score_here(batches: Iterable[Sequence[Line]], work: LocalWork) -> Iterator[Outcome]:
    """The outcome of each batch, in order. Raises what :func:`open_scoring` and its scoring raise."""
    with open_scoring(work) as scoring:
        if scoring.overlaps and not work.choice.is_free:
            yield from _overlapping(batches, scoring)
            return
        for batch in batches:
            yield scoring.score(batch)


def _overlapping(batches: Iterable[Sequence[Line]], scoring: Scoring) -> Iterator[Outcome]:
    """Begin each batch when the one before has begun its last call, so that calls never run out."""
    pool = ThreadPoolExecutor(BATCHES_AT_ONCE, thread_name_prefix="batch")
    waiting: deque[Future[Outcome]] = deque()
    try:
        for batch in batches:
            last_begun = threading.Event()
            waiting.append(pool.submit(scoring.score, batch, last_begun))
            waiting[-1].add_done_callback(lambda _, event=last_begun: event.set())  # type: ignore[misc]
            last_begun.wait()
            while len(waiting) >= BATCHES_AT_ONCE or (waiting and waiting[0].done()):
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        scoring.stop()
        pool.shutdown(wait=False, cancel_futures=True)
