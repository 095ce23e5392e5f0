"""Krippendorff's alpha: the agreement of several labellers, of whom some may be missing."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

from rewardctl.calibrate.stats.estimate import Estimate, undefined
from rewardctl.calibrate.stats.resample import resampled

if TYPE_CHECKING:
    from rewardctl.calibrate.stats.resample import Floats


def krippendorffs_alpha(units: Sequence[Sequence[Hashable]], prompts: Sequence[Hashable]) -> Estimate:
    """Alpha for nominal data; each unit holds the labels of one thing, by however many labellers.

    alpha = 1 - D_o / D_e. D_o is the share of unequal pairs within units: a unit of m labels gives m(m-1)
    ordered pairs, each of weight 1 / (m-1). D_e is the share of unequal pairs among all n labels of units
    with two and more, drawn without replacement: (n² - sum of n_c²) / (n(n-1)). ``prompts`` names the prompt
    of each unit; the interval is resampled by prompt.

    Undefined if no unit has two labels, or if all labels say the same. Source: Krippendorff (2011),
    "Computing Krippendorff's Alpha-Reliability", University of Pennsylvania.
    """
    import numpy as np

    kept = [(unit, prompt) for unit, prompt in zip(units, prompts, strict=True) if len(unit) > 1]
    if not kept:
        return undefined("nothing was labelled by two people")
    values = _values_by_frequency([unit for unit, _ in kept])
    if len(values) == 1:
        return undefined("all labels say the same")
    corners = [(values[a], values[b]) for a, b in ((0, 0), (0, 1), (1, 0), (1, 1))]
    counts = np.array(
        [[unit.count(v) for v in values] for unit in [*map(list, (u for u, _ in kept)), *map(list, corners)]]
    )
    sizes = counts.sum(axis=1)
    unequal = (sizes**2 - (counts**2).sum(axis=1)) / (sizes - 1)
    labels = float(sizes[: len(kept)].sum())

    def statistic(weights: Floats) -> Floats:
        scale = labels / (weights @ sizes)
        by_value = (weights @ counts) * scale[:, None]
        expected = (labels**2 - (by_value**2).sum(axis=1)) / (labels - 1)
        result: Floats = 1 - (weights @ unequal) * scale / expected
        return result

    data = np.concatenate([np.ones(len(kept)), np.zeros(len(corners))])[None, :]
    return resampled(float(statistic(data)[0]), statistic, [prompt for _, prompt in kept])


def _values_by_frequency(units: Sequence[Sequence[Hashable]]) -> list[Hashable]:
    """The distinct labels, the commonest first."""
    counts: dict[Hashable, int] = {}
    for unit in units:
        for value in unit:
            counts[value] = counts.get(value, 0) + 1
    return sorted(counts, key=lambda value: -counts[value])
