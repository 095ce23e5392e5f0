"""What the trained models do, over several seeds: figures, tables and curves. Pure."""

from collections.abc import Callable, Sequence
from statistics import fmean
from typing import Any

from rewardctl.report.plots import Plot
from rewardctl.simulate.plots import Line, curves
from rewardctl.simulate.trainer.sums import HEDGE, RIGHT

Result = dict[str, Any]
"""An object that :mod:`rewardctl.simulate.trainer` prints: one variant trained with one seed."""

HEADER = ("reward function", "start", "reward", "right", "gap", "hedges at the peak", "seeds")
SMOOTH = 10
"""Steps that a point of a curve is the mean of: one step has 64 rollouts."""
SATURATED = 0.95


def by_variant(results: Sequence[Result]) -> dict[str, list[Result]]:
    """The results of each variant, a list of seeds."""
    variants: dict[str, list[Result]] = {}
    for result in results:
        variants.setdefault(result["variant"], []).append(result)
    return variants


def rows_of(results: Sequence[Result]) -> list[tuple[str, ...]]:
    """A row a variant, under ``HEADER``: the means, with the least and the most of the seeds."""
    return [
        (
            name,
            _spread([seed["start"]["right"] for seed in seeds]),
            _spread([seed["end"]["reward"] for seed in seeds]),
            _spread([seed["end"]["right"] for seed in seeds]),
            _spread([gap_of(seed) for seed in seeds]),
            _spread([peak(seed, HEDGE) for seed in seeds]),
            str(len(seeds)),
        )
        for name, seeds in by_variant(results).items()
    ]


def gap_of(result: Result) -> float:
    """The mean reward less the share of right answers, both on held-out sums at the end."""
    return float(result["end"]["reward"]) - float(result["end"]["right"])


def peak(result: Result, behaviour: str) -> float:
    """The largest share of a behaviour among the rollouts of ``SMOOTH`` steps in a row."""
    return max(_smoothed(_shares(result, behaviour)))


def notes_of(results: Sequence[Result]) -> list[str]:
    """What a reader must know: a start from which nothing can be learned."""
    starts = [float(result["start"]["right"]) for result in results]
    if min(starts) > SATURATED or max(starts) < 1 - SATURATED:
        return ["The models start near 0 or 1: their groups agree, so that this shows nothing."]
    return []


def plots_of(results: Sequence[Result]) -> list[Plot]:
    """Rewards, right answers and hedges by step of training."""
    views: list[tuple[str, str, Callable[[Result], Sequence[float]]]] = [
        ("trl-reward", "Mean reward of the rollouts", lambda result: result["rewards"]),
        ("trl-right", "Right answers among the rollouts", lambda result: _shares(result, RIGHT)),
        ("trl-hedges", "Hedges among the rollouts", lambda result: _shares(result, HEDGE)),
    ]
    bands = f"Means of {SMOOTH} steps; bands from the lowest seed to the highest."
    variants = by_variant(results).items()
    return [
        Plot(name, title, bands, curves([_line(of, seeds, values) for of, seeds in variants], title.lower()))
        for name, title, values in views
    ]


def _line(name: str, seeds: Sequence[Result], values: Callable[[Result], Sequence[float]]) -> Line:
    steps = list(zip(*(_smoothed(values(seed)) for seed in seeds), strict=True))
    return Line(name, [fmean(step) for step in steps], [min(step) for step in steps], [max(s) for s in steps])


def _shares(result: Result, behaviour: str) -> list[float]:
    return [float(step.get(behaviour, 0.0)) for step in result["behaviours"]]


def _smoothed(values: Sequence[float]) -> list[float]:
    """The mean of each ``SMOOTH`` values in a row; of all if there are fewer."""
    width = min(SMOOTH, len(values))
    return [fmean(values[start : start + width]) for start in range(len(values) - width + 1)]


def _spread(values: Sequence[float]) -> str:
    if len(values) == 1:
        return f"{values[0]:.2f}"
    return f"{fmean(values):.2f} ({min(values):.2f}–{max(values):.2f})"
