"""Batches scored under faults to order, and what came of them."""

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

    ``results`` and ``wire`` (what goes back to the caller) are in order over all batches; ``usage`` and
    ``wall_s`` have one entry a batch. ``outcomes`` counts the calls by what they met at the stand-in.
    """

    results: tuple[Result, ...]
    wire: tuple[dict[str, Any], ...]
    usage: tuple[Usage, ...]
    wall_s: tuple[float, ...]
    outcomes: dict[str, int]

    @property
    def calls(self) -> int:
        """Attempts at the judge."""
        return sum(len(usage.calls) for usage in self.usage)

    @property
    def retries(self) -> int:
        """Waits before another attempt."""
        return sum(usage.retries for usage in self.usage)

    @property
    def flagged(self) -> tuple[int, ...]:
        """The places of rollouts without a reward of their own."""
        return tuple(place for place, result in enumerate(self.results) if result.imputed)

    def error_at(self, clean: "Run", places: Sequence[int]) -> float:
        """The mean absolute error at ``places`` against the run without faults; NaN where there are none."""
        errors = [abs(clean.results[place].reward - self.results[place].reward) for place in places]
        return math.fsum(errors) / len(errors) if errors else math.nan

    def equal_to(self, clean: "Run") -> int:
        """How many rewards are exactly those of the run without faults."""
        pairs = zip(clean.results, self.results, strict=True)
        return sum(before.reward == after.reward for before, after in pairs)

    def changed_unseen(self, clean: "Run") -> int:
        """How many rewards differ from those of the run without faults and say nothing of it."""
        pairs = zip(clean.results, self.results, strict=True)
        return sum(before.reward != after.reward and not after.imputed for before, after in pairs)

    def misplaced(self, rows: Sequence[Row]) -> int:
        """Rows whose answer is missing, another's, or no number in [0, 1]; and answers too many."""
        wrong = sum(
            bool(row["id"] != answer["id"]) or not 0 <= float(answer["aggregate_reward_score"]) <= 1
            for row, answer in zip(rows, self.wire, strict=False)
        )
        return wrong + abs(len(rows) - len(self.wire))


def run_batches(batches: Sequence[list[Row]], faults: EmulatorSettings, attempts: int, tick: Tick) -> Run:
    """Score the batches one after the other, with so many attempts at each judge call at most."""
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
    results = tuple(result for each in scored for result in each.results)
    return Run(results, tuple(wire), tuple(each.usage for each in scored), tuple(wall_s), outcomes)


def _score(batch: list[Row], service: Service) -> Scored:
    return score_batch(batch, service.scorer, Deadline.after(DEFAULT_BUDGET_S))
