"""One cell of the pacing matrix, and its loser."""

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.pacing_jobs import Run
from benchmarks.pacing_regimes import Regime
from benchmarks.pacing_sides import OURS, SIDES

SLOWER = 1.1
"""The limit on the reward function's total time, as a multiple of the best other side's."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One regime with one time for a batch: one run of each side.

    Under a shared quota only the seconds from ``warm_s`` to ``until_s`` are measured.
    """

    regime: Regime
    time_s: float
    runs: Mapping[str, Run]
    warm_s: float = 0.0
    until_s: float = 0.0

    @property
    def ours(self) -> Run:
        """The reward function's run."""
        return self.runs[OURS]

    def cost_s(self, side: str) -> float:
        """The compared time: the total seconds, or the seconds for 1,000 served calls of a shared quota."""
        if self.regime.quota_per_s:
            return 1000 / max(self.served_per_s(side), 0.001)
        return self.runs[side].total_s

    def served_per_s(self, side: str) -> float:
        """Rollouts scored per second; of a shared quota, calls served per second after warm-up."""
        run = self.runs[side]
        return run.served_between(self.warm_s, self.until_s) if self.regime.quota_per_s else run.served_per_s

    @property
    def best_other(self) -> str:
        """The fastest of the other sides that left no more rollouts unscored.

        If none qualifies, it is the side that left the fewest: no side gains time by leaving rollouts
        unscored.
        """
        others = [side for side in SIDES if side != OURS]
        as_complete = [side for side in others if self.runs[side].unscored <= self.ours.unscored]
        if as_complete:
            return min(as_complete, key=self.cost_s)
        return min(others, key=lambda side: (self.runs[side].unscored, self.cost_s(side)))

    @property
    def ratio(self) -> float:
        """The reward function's time as a multiple of the best other side's."""
        return self.cost_s(OURS) / self.cost_s(self.best_other)

    @property
    def more_unscored(self) -> int:
        """Rollouts that the reward function left unscored beyond the best other side."""
        return self.ours.unscored - min(run.unscored for side, run in self.runs.items() if side != OURS)

    @property
    def losses(self) -> tuple[str, ...]:
        """The criteria by which the reward function loses: "time", "unscored"."""
        slower, fewer = self.ratio > SLOWER, self.more_unscored > 0
        return (*(("time",) if slower else ()), *(("unscored",) if fewer else ()))
