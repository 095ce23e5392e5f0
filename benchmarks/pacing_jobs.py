"""Jobs of judged batches and their outcomes: plain data, passed between processes."""

from dataclasses import dataclass
from statistics import fmean
from typing import Literal

from rewardctl.emulate import EmulatorSettings

REJECTED = ("rate_limited", "throttle", "outage")
POISON = "zzpoison"
"""Text in a poisoned rollout's answer, and so in each question about it."""
IDLE_S = 8 * 3600.0

Between = Literal["nothing", "stale", "idle"]
"""Events between two batches: none; all connections become stale; eight hours pass."""


@dataclass(frozen=True, slots=True)
class Shape:
    """``processes`` with ``environments`` each, which score batches of ``rollouts`` one after the other.

    They score ``rounds`` batches; if ``run_s`` is set, they instead start batches for that many seconds.
    """

    processes: int = 1
    environments: int = 1
    rollouts: int = 64
    rounds: int = 3
    run_s: float = 0.0
    pause_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Job:
    """One side at one stand-in, with ``time_s`` for a batch, and ``first_time_s`` for the first if set.

    Of each batch ``poisoned`` rollouts hold the text :data:`POISON`.
    """

    name: str
    side: str
    settings: EmulatorSettings
    time_s: float
    shape: Shape = Shape()
    first_time_s: float = 0.0
    poisoned: int = 0
    between: Between = "nothing"

    def time_of(self, number: int) -> float:
        """Seconds for the batch with this number, from 0."""
        return self.first_time_s if number == 0 and self.first_time_s else self.time_s

    def places_poisoned(self) -> range:
        """The places of poisoned rollouts in each batch, evenly spread."""
        step = self.shape.rollouts // max(1, self.poisoned)
        return range(0, step * self.poisoned, step)


@dataclass(frozen=True, slots=True)
class Batch:
    """Start and end (time.time) of a batch, its rollouts, and its unscored healthy and poisoned rollouts."""

    begun_s: float
    ended_s: float
    rollouts: int
    unscored: int
    poisoned_unscored: int = 0

    @property
    def took_s(self) -> float:
        """Seconds from start to answer."""
        return self.ended_s - self.begun_s


@dataclass(frozen=True, slots=True)
class Run:
    """The outcome of a job.

    ``batches`` has one list per environment. ``samples`` are the times (time.time) at which the stand-in was
    read, each with its calls by outcome so far.
    """

    batches: tuple[list[Batch], ...]
    samples: tuple[tuple[float, dict[str, int]], ...]

    @property
    def all_batches(self) -> list[Batch]:
        """The batches of all environments."""
        return [batch for batches in self.batches for batch in batches]

    @property
    def begun_s(self) -> float:
        """The common start of the environments, which wait for each other."""
        return max(batches[0].begun_s for batches in self.batches)

    @property
    def total_s(self) -> float:
        """Seconds from an environment's first start to its last end; the mean over all environments."""
        return fmean(batches[-1].ended_s - batches[0].begun_s for batches in self.batches)

    @property
    def unscored(self) -> int:
        """Healthy rollouts without a reward of their own."""
        return sum(batch.unscored for batch in self.all_batches)

    @property
    def rollouts(self) -> int:
        """The rollouts of all batches."""
        return sum(batch.rollouts for batch in self.all_batches)

    @property
    def longest_s(self) -> float:
        """Seconds of the longest batch."""
        return max(batch.took_s for batch in self.all_batches)

    @property
    def outcomes(self) -> dict[str, int]:
        """Calls by outcome at the end."""
        return self.samples[-1][1]

    @property
    def calls(self) -> int:
        """Attempts that reached the stand-in and ended there."""
        return sum(self.outcomes.values())

    @property
    def rejected(self) -> int:
        """The calls that were refused before any work."""
        return sum(self.outcomes.get(name, 0) for name in REJECTED)

    @property
    def served_per_s(self) -> float:
        """Rollouts that an environment has scored a second."""
        return (self.rollouts - self.unscored) / len(self.batches) / max(self.total_s, 0.001)

    def served_between(self, begin_s: float, end_s: float) -> float:
        """Calls served a second between two times after the begin, as the stand-in counted them."""
        inside = [sample for sample in self.samples if begin_s <= sample[0] - self.begun_s <= end_s]
        if len(inside) < 2:
            return 0.0
        (first_s, first), (last_s, last) = inside[0], inside[-1]
        return (last.get("served", 0) - first.get("served", 0)) / (last_s - first_s)
