"""Score batches with injected faults, and compare the results."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.environment import forget_batches, lambda_environment
from benchmarks.material import Row
from benchmarks.timing import Tick, timed
from reward_fn.deadline import DEFAULT_BUDGET_S, Deadline
from reward_fn.pipeline import score_batch
from reward_fn.response import to_wire
from reward_fn.service import Service, load_service
from reward_fn.types.batch import Scored
from reward_fn.types.result import Result
from reward_fn.types.usage import Usage
from rewardctl.emulate import Emulator, EmulatorSettings


@dataclass(frozen=True, slots=True)
class Run:
    """All batches under one setting.

    ``results`` and ``wire`` (the results as sent to the caller) are in order over all batches; ``usage`` and
    ``wall_s`` have one entry per batch. ``outcomes`` counts the calls by their outcome at the stand-in.
    """

    results: tuple[Result, ...]
    wire: tuple[dict[str, Any], ...]
    usage: tuple[Usage, ...]
    wall_s: tuple[float, ...]
    outcomes: dict[str, int]

    @property
    def calls(self) -> int:
        """Attempts to call the judge."""
        return sum(len(usage.calls) for usage in self.usage)

    @property
    def retries(self) -> int:
        """Waits before a further attempt."""
        return sum(usage.retries for usage in self.usage)

    @property
    def flagged(self) -> tuple[int, ...]:
        """The places of rollouts with an imputed reward."""
        return tuple(place for place, result in enumerate(self.results) if result.imputed)

    def error_at(self, clean: "Run", places: Sequence[int]) -> float:
        """The mean absolute error at ``places`` against the run without faults; NaN for no places."""
        errors = [abs(clean.results[place].reward - self.results[place].reward) for place in places]
        return math.fsum(errors) / len(errors) if errors else math.nan

    def equal_to(self, clean: "Run") -> int:
        """The number of rewards that equal those of the run without faults."""
        pairs = zip(clean.results, self.results, strict=True)
        return sum(before.reward == after.reward for before, after in pairs)

    def changed_unseen(self, clean: "Run") -> int:
        """The number of rewards that differ from the run without faults without a flag."""
        pairs = zip(clean.results, self.results, strict=True)
        return sum(before.reward != after.reward and not after.imputed for before, after in pairs)

    def misplaced(self, rows: Sequence[Row]) -> int:
        """The number of rows whose result is missing, misplaced or outside [0, 1], plus surplus results."""
        wrong = sum(
            bool(row["id"] != answer["id"]) or not 0 <= float(answer["aggregate_reward_score"]) <= 1
            for row, answer in zip(rows, self.wire, strict=False)
        )
        return wrong + abs(len(rows) - len(self.wire))


def run_batches(batches: Sequence[list[Row]], faults: EmulatorSettings, attempts: int, tick: Tick) -> Run:
    """Score the batches one after the other, with a limit on the attempts of each judge call."""
    scored: list[Scored] = []
    wire: list[dict[str, Any]] = []
    wall_s = []
    with Emulator(faults) as emulator, lambda_environment(emulator.url, JUDGE_MAX_ATTEMPTS=str(attempts)):
        service = load_service()
        for number, batch in enumerate(batches, 1):
            tick(f"batch {number} of {len(batches)}")
            forget_batches()
            wall_s.append(timed(lambda batch=batch: scored.append(_score(batch, service))).wall_s)  # type: ignore[misc]
            wire += to_wire(scored[-1].results, scored[-1].entries, service.scorer.definition)
        outcomes = emulator.stats().outcomes
    results = tuple(result for batch in scored for result in batch.results)
    return Run(results, tuple(wire), tuple(batch.usage for batch in scored), tuple(wall_s), outcomes)


def _score(batch: list[Row], service: Service) -> Scored:
    return score_batch(batch, service.scorer, Deadline.after(DEFAULT_BUDGET_S))
