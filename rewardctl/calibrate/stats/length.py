"""The part of a judge's agreement that is left when the length of the response is taken out."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

from rewardctl.calibrate.stats.estimate import Estimate, undefined
from rewardctl.calibrate.stats.ranking import (
    weighted_correlation,
    weighted_ranks,
    why_no_correlation,
    with_corners,
)
from rewardctl.calibrate.stats.resample import CORNERS, resampled

if TYPE_CHECKING:
    from rewardctl.calibrate.stats.resample import Floats


def partial_spearman(
    scores: Sequence[float], labels: Sequence[float], lengths: Sequence[float], prompts: Sequence[Hashable]
) -> Estimate:
    """Spearman's correlation of scores and labels with the response's length partialled out.

    (r_sl - r_sn·r_ln) / sqrt((1 - r_sn²)(1 - r_ln²)), where s, l, n are the ranks of score, label and length.
    Near 0 beside a high plain correlation means that the judge mostly counts characters. Assumes that ranks
    depend on each other linearly. Undefined if scores, labels or lengths are constant, or if the length
    alone explains one of them. Source: Kendall (1942), Biometrika 32, 277-283.
    """
    if reason := why_no_correlation(scores, labels, lengths):
        return undefined(reason)
    import numpy as np

    score, label = with_corners(scores, labels)
    middle = float(np.median(np.asarray(lengths, dtype=np.float64)))
    length = np.array([*lengths, *([middle] * len(CORNERS))], dtype=np.float64)

    def statistic(weights: Floats) -> Floats:
        ranks = [weighted_ranks(weights, values) for values in (score, label, length)]
        r_sl = weighted_correlation(weights, ranks[0], ranks[1])
        r_sn = weighted_correlation(weights, ranks[0], ranks[2])
        r_ln = weighted_correlation(weights, ranks[1], ranks[2])
        left = (1 - r_sn**2) * (1 - r_ln**2)
        with np.errstate(divide="ignore", invalid="ignore"):
            result: Floats = np.where(left > 1e-12, (r_sl - r_sn * r_ln) / np.sqrt(np.abs(left)), np.nan)
        return result

    data = np.concatenate([np.ones(len(scores)), np.zeros(len(CORNERS))])[None, :]
    value = float(statistic(data)[0])
    if not np.isfinite(value):
        return undefined("the length alone explains the scores or the labels")
    return resampled(max(-1.0, min(1.0, value)), statistic, prompts)
