"""Score batches in this process, always handing them back in order."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from reward_fn.judge.limit.gates import Gates
from reward_fn.pipeline import Scorer
from reward_fn.types.definition import Definition
from rewardctl.data import Line
from rewardctl.engine.batch import NeedsRollouts, score_lines
from rewardctl.engine.outcome import Outcome
from rewardctl.judges.choice import JudgeChoice
from rewardctl.runs.counted import CountedJudge
from rewardctl.runs.folder import RunError, open_verdicts
from rewardctl.runs.verdicts import RunVerdicts

LEAST_USD = 1e-9
"""A cap that is used up: no call costs less, and 0 would be no cap."""


@dataclass(frozen=True, slots=True)
class LocalWork:
    """How to score, in a form that another process can take over.

    ``folder`` holds the verdicts, shared by all processes. ``workers`` are the judge calls at once of one
    process; 0 leaves it to JUDGE_MAX_WORKERS. ``max_usd`` caps what the run spends; 0 for no cap.
    """

    definition: str
    choice: JudgeChoice
    folder: Path
    workers: int = 0
    max_usd: float = 0.0

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
        """Score one batch, for no more than what is left of the cap.

        Raises RunError if a verdict could not be written to the run folder.
        """
        scorer = self._scorer
        if self._max_usd and scorer.judge is not None:
            left = self._max_usd - self._store.spent().usd
            scorer = replace(scorer, settings=replace(scorer.settings, max_cost_usd=max(left, LEAST_USD)))
        outcome = score_lines(lines, scorer, self._prepare)
        if self._store.failure:
            raise RunError(
                f"a verdict can't be written to the run folder: {self._store.failure}; those written before "
                "are kept. Free space, and give the same command again"
            )
        return outcome


@contextmanager
def open_scoring(work: LocalWork) -> Iterator[Scoring]:
    """Open the judge and the run's verdicts. Raises what :meth:`JudgeChoice.opened` raises, and RunError."""
    definition = work.read_definition()
    with work.choice.opened(definition) as opened, open_verdicts(work.folder) as store:
        settings = opened.settings
        if work.workers:
            settings = replace(settings, judge_max_workers=work.workers)
        judge = CountedJudge(opened.judge, store) if opened.judge is not None else None
        scorer = Scorer(definition, judge, settings, opened.store or store, Gates())
        prepare = opened.judge if hasattr(opened.judge, "prepare") else None
        yield Scoring(scorer, cast("NeedsRollouts | None", prepare), store, work.max_usd)


def score_here(batches: Iterable[Sequence[Line]], work: LocalWork) -> Iterator[Outcome]:
    """The outcome of each batch, in order. Raises what :func:`open_scoring` and its scoring raise."""
    with open_scoring(work) as scoring:
        for batch in batches:
            yield scoring.score(batch)
