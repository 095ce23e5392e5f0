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
    """One regime with one time for a batch: a run of each side. ``warm_s`` and ``until_s`` bound what is
    measured of a shared quota."""

    regime: Regime
    time_s: float
    runs: Mapping[str, Run]
    warm_s: float = 0.0
    until_s: float = 0.0

    @property
    def ours(self) -> Run:
        """The reward function's."""
        return self.runs[OURS]

    def cost_s(self, side: str) -> float:
        """What time is compared: the total; under a shared quota, where all work for as long, the time that
        a thousand calls took while all were at work."""
        if self.regime.quota_per_s:
            return 1000 / max(self.served_per_s(side), 0.001)
        return self.runs[side].total_s

    def served_per_s(self, side: str) -> float:
        """Rollouts scored a second; of a shared quota, calls served between warm-up and end."""
        run = self.runs[side]
        return run.served_between(self.warm_s, self.until_s) if self.regime.quota_per_s else run.served_per_s

    @property
    def best_other(self) -> str:
        """The faster of the others that left no more unscored; where both left more, the one that left less.

        A side does not win time by leaving rollouts unscored.
        """
        others = [side for side in SIDES if side != OURS]
        as_whole = [side for side in others if self.runs[side].unscored <= self.ours.unscored]
        if as_whole:
            return min(as_whole, key=self.cost_s)
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
        """In what ours loses: "time", "unscored"."""
        slower, fewer = self.ratio > SLOWER, self.more_unscored > 0
        return (*(("time",) if slower else ()), *(("unscored",) if fewer else ()))
