"""The share of advantage signs that is kept: a reward's stability in one figure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rewardctl.calibrate.stats.estimate import Estimate, undefined

if TYPE_CHECKING:
    from rewardctl.calibrate.stats.resample import Floats
    from rewardctl.diff.moves import Move

NO_SIGNS = "no group of two and more has rewards that differ"


def signs_kept(moves: Sequence[Move]) -> Estimate:
    """The share of rollouts whose advantage has the same sign in both runs, with a 95 % interval.

    Rollouts without an advantage in both runs are left out: they would be kept whatever the judge says. The
    interval is resampled by group, with one kept and one lost sign added, so that it always has a width.
    Undefined if no rollout has an advantage; without an interval for fewer than ten groups.
    """
    counted = [move for move in moves if move.counts]
    kept = [float(move.is_kept) for move in counted]
    return mean_by_group(kept, [move.pair.group for move in counted], (1.0, 0.0))


def mean_by_group(values: Sequence[float], groups: Sequence[str], added: tuple[float, float]) -> Estimate:
    """The mean of values with a 95 % interval resampled by group; ``added`` are two more observations."""
    if not values:
        return undefined(NO_SIGNS)
    import numpy as np

    from rewardctl.calibrate.stats.resample import MIN_PROMPTS, resampled

    mean = sum(values) / len(values)
    if len(set(groups)) < MIN_PROMPTS:
        return Estimate(
            mean, undefined=f"an interval needs {MIN_PROMPTS} groups, and there are {len(set(groups))}"
        )
    numbers = np.array([*values, *added])

    def statistic(weights: Floats) -> Floats:
        result: Floats = (weights * numbers).sum(axis=1) / weights.sum(axis=1)
        return result

    return resampled(mean, statistic, groups, corners=len(added))
