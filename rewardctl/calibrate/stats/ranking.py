"""How well a judge's scores rank rollouts as the labels do: AUC and Spearman's correlation."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING

from rewardctl.calibrate.stats.estimate import Estimate, undefined
from rewardctl.calibrate.stats.resample import CORNERS, resampled, total_weights

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from rewardctl.calibrate.stats.resample import Floats


MAX_PAIRS = 64
"""Up to this many distinct pairs, adding up weights takes less time than sorting them."""


def area_under_curve(
    scores: Sequence[float], labels: Sequence[bool], prompts: Sequence[Hashable]
) -> Estimate:
    """The AUC: the probability that a rollout labelled yes has the higher score; a tie counts one half.

    AUC = U / (n_yes · n_no) with Mann and Whitney's U, by scipy. 0.5 for a constant score. Undefined if all
    labels say the same. The interval is resampled by prompt. Source: Hanley and McNeil (1982), Radiology 143,
    29-36.
    """
    yes = [score for score, label in zip(scores, labels, strict=True) if label]
    no = [score for score, label in zip(scores, labels, strict=True) if not label]
    if not yes or not no:
        return undefined(f"no label says {'no' if yes else 'yes'}" if yes or no else "no labels")
    import numpy as np
    from scipy.stats import mannwhitneyu

    value = float(mannwhitneyu(yes, no, method="asymptotic").statistic) / (len(yes) * len(no))
    all_scores, all_labels = with_corners(scores, [float(label) for label in labels])
    all_scores, all_labels, collapse = collapsed(all_scores, all_labels)
    order = np.argsort(all_scores, kind="stable")
    starts = _starts_of_ties(all_scores[order])
    is_yes = all_labels[order]

    def statistic(weights: Floats) -> Floats:
        ordered = collapse(weights)[:, order]
        positive = np.add.reduceat(ordered * is_yes, starts, axis=1)
        negative = np.add.reduceat(ordered * (1 - is_yes), starts, axis=1)
        below = np.cumsum(negative, axis=1) - negative / 2
        result: Floats = (positive * below).sum(axis=1) / (positive.sum(axis=1) * negative.sum(axis=1))
        return result

    return resampled(value, statistic, prompts)


def spearman(first: Sequence[float], second: Sequence[float], prompts: Sequence[Hashable]) -> Estimate:
    """Spearman's rank correlation, by scipy: Pearson's correlation of the mid-ranks.

    Undefined for fewer than three pairs, or if one side is constant. The interval is resampled by prompt;
    in each draw the ranks are those of the weighted observations. Source: Spearman (1904), American Journal
    of Psychology 15, 72-101.
    """
    if reason := why_no_correlation(first, second):
        return undefined(reason)
    from scipy.stats import spearmanr

    value = float(spearmanr(first, second).statistic)
    one, two, collapse = collapsed(*with_corners(first, second))

    def statistic(weights: Floats) -> Floats:
        totals = collapse(weights)
        return weighted_correlation(totals, weighted_ranks(totals, one), weighted_ranks(totals, two))

    return resampled(value, statistic, prompts)


def weighted_ranks(weights: Floats, values: Floats) -> Floats:
    """The mid-ranks of the values under each row of weights: the weight below plus half that of ties."""
    import numpy as np

    order = np.argsort(values, kind="stable")
    starts = _starts_of_ties(values[order])
    tied = np.add.reduceat(weights[:, order], starts, axis=1)
    middle = np.cumsum(tied, axis=1) - tied / 2
    place = np.empty(len(values), dtype=np.intp)
    place[order] = np.repeat(np.arange(len(starts)), np.diff([*starts, len(values)]))
    ranks: Floats = middle[:, place]
    return ranks


def weighted_correlation(weights: Floats, first: Floats, second: Floats) -> Floats:
    """Pearson's correlation of each row of ``first`` and ``second`` under the row's weights."""
    import numpy as np

    shares = weights / weights.sum(axis=1, keepdims=True)
    one = first - (shares * first).sum(axis=1, keepdims=True)
    two = second - (shares * second).sum(axis=1, keepdims=True)
    spread = np.sqrt((shares * one**2).sum(axis=1) * (shares * two**2).sum(axis=1))
    with np.errstate(divide="ignore", invalid="ignore"):
        result: Floats = (shares * one * two).sum(axis=1) / spread
    return result


def why_no_correlation(*sides: Sequence[float]) -> str:
    """Why a correlation is undefined, "" if it is not."""
    if len(sides[0]) < 3:
        return "fewer than three pairs"
    return "one side is constant" if any(min(side) == max(side) for side in sides) else ""


def with_corners(first: Sequence[float], second: Sequence[float]) -> tuple[Floats, Floats]:
    """Both sides as arrays, with the four corners of their ranges added; a constant gets a range."""
    import numpy as np

    constant = [max(side) == min(side) for side in (first, second)]
    ends = [(max(side) + c, min(side) - c) for side, c in zip((first, second), constant, strict=True)]
    one = [*first, *(ends[0][1 - corner[0]] for corner in CORNERS)]
    two = [*second, *(ends[1][1 - corner[1]] for corner in CORNERS)]
    return np.array(one, dtype=np.float64), np.array(two, dtype=np.float64)


def collapsed(first: Floats, second: Floats) -> tuple[Floats, Floats, Callable[[Floats], Floats]]:
    """The distinct pairs of values as two arrays, and what turns weights of observations into those of pairs.

    Judges and labels mostly have few values, so most work is done once a pair and not once an observation.
    With more than MAX_PAIRS pairs all stays as it is.
    """
    import numpy as np

    pairs, places = np.unique(np.column_stack([first, second]), axis=0, return_inverse=True)
    if len(pairs) > MAX_PAIRS:
        return first, second, lambda weights: weights
    classes = places.reshape(-1)
    one, two = pairs[:, 0].copy(), pairs[:, 1].copy()
    return one, two, lambda weights: total_weights(weights, classes, len(one))


def _starts_of_ties(ordered: Floats) -> npt.NDArray[np.intp]:
    """The first place of each distinct value of a sorted array."""
    import numpy as np

    return np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
