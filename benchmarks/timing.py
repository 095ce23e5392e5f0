"""Time several sides of a comparison in turn, and summarise the timings."""

import gc
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Literal

Tick = Callable[[str], None]
"""Gets the name of the next step; never called during a timing."""

Quantity = Literal["wall_s", "cpu_s"]


@dataclass(frozen=True, slots=True)
class Cost:
    """Wall time and processor time (of all threads of this process) of one run, in seconds."""

    wall_s: float
    cpu_s: float


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison.

    ``run`` is timed in every ``every``-th round, and its cost is multiplied by ``scale``. ``before`` runs
    untimed before each run. ``warm`` runs once, untimed, before the first round; it defaults to ``run``.
    """

    name: str
    run: Callable[[], object]
    before: Callable[[], object] = lambda: None
    every: int = 1
    scale: float = 1.0
    warm: Callable[[], object] | None = None


Series = Mapping[str, Mapping[int, Cost]]
"""Costs by name of the side and number of the round, from 0."""


@dataclass(frozen=True, slots=True)
class Spread:
    """The median, lowest and highest of ``count`` values."""

    median: float
    low: float
    high: float
    count: int

    @classmethod
    def of(cls, values: Iterable[float]) -> "Spread":
        """The spread of one or more values."""
        known = sorted(values)
        return cls(median(known), known[0], known[-1], len(known))

    def text(self, digits: int = 3, scale: float = 1.0) -> str:
        """``median (low to high)``, each times ``scale``."""
        low, middle, high = (f"{value * scale:,.{digits}f}" for value in (self.low, self.median, self.high))
        return middle if self.count == 1 else f"{middle} ({low} to {high})"


def interleave(sides: Sequence[Side], rounds: int, tick: Tick) -> Series:
    """Run the sides in turn, every other round in reverse order."""
    series: dict[str, dict[int, Cost]] = {side.name: {} for side in sides}
    for side in sides:
        tick(f"warming up: {side.name}")
        (side.warm or side.run)()
    for number in range(rounds):
        for side in sides if number % 2 == 0 else reversed(sides):
            if number % side.every == 0:
                tick(f"round {number + 1} of {rounds}: {side.name}")
                side.before()
                series[side.name][number] = timed(side.run, side.scale)
    return series


def timed(run: Callable[[], object], scale: float = 1.0) -> Cost:
    """The cost of one run, after a garbage collection."""
    gc.collect()
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    run()
    cpu_s, wall_s = time.process_time() - cpu_s, time.perf_counter() - wall_s
    return Cost(wall_s * scale, cpu_s * scale)


def spread(series: Series, name: str, quantity: Quantity) -> Spread:
    """The spread of one side over its rounds."""
    return Spread.of(getattr(cost, quantity) for cost in series[name].values())


def ratio(series: Series, above: str, below: str, quantity: Quantity) -> Spread:
    """The spread of the ratios of two sides over the rounds that measured both."""
    both = sorted(series[above].keys() & series[below].keys())
    return Spread.of(
        getattr(series[above][number], quantity) / getattr(series[below][number], quantity) for number in both
    )


def as_json(series: Series) -> dict[str, list[dict[str, float]]]:
    """All timings for JSON."""
    return {
        name: [{"round": number, **asdict(cost)} for number, cost in costs.items()]
        for name, costs in series.items()
    }
