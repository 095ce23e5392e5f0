"""Agreement of a judge with labels beyond chance: Cohen's kappa and Gwet's AC1."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, Any

from rewardctl.calibrate.stats.estimate import Estimate, undefined
from rewardctl.calibrate.stats.resample import CORNERS, resampled, total_weights
from rewardctl.calibrate.stats.two_by_two import Pair, tabulate

if TYPE_CHECKING:
    from rewardctl.calibrate.stats.resample import Floats

Coefficient = Callable[[Any, Any, Any, Any], Any]
"""A coefficient of the four cells (true yes, false yes, false no, true no): numbers or arrays of numbers."""


def kappa_of(true_yes: Any, false_yes: Any, false_no: Any, true_no: Any) -> Any:
    """Cohen's kappa, (p_o - p_e) / (1 - p_e), of counts or of arrays of weights.

    p_o is the share of equal answers. p_e is the share expected by chance from the judge's share of yes, j,
    and the labels', l: j·l + (1-j)(1-l). Source: Cohen (1960), Educational and Psychological Measurement 20,
    37-46.
    """
    total = true_yes + false_yes + false_no + true_no
    judge, label = (true_yes + false_yes) / total, (true_yes + false_no) / total
    observed = (true_yes + true_no) / total
    chance = judge * label + (1 - judge) * (1 - label)
    return (observed - chance) / (1 - chance)


def ac1_of(true_yes: Any, false_yes: Any, false_no: Any, true_no: Any) -> Any:
    """Gwet's AC1, (p_o - p_e) / (1 - p_e) with p_e = 2·q·(1-q), of counts or of arrays of weights.

    q is the mean of the judge's and the labels' shares of yes, so p_e is at most 1/2. Unlike kappa it does
    not fall where one answer is rare. Source: Gwet (2008), British Journal of Mathematical and Statistical
    Psychology 61, 29-48.
    """
    total = true_yes + false_yes + false_no + true_no
    share = (2 * true_yes + false_yes + false_no) / (2 * total)
    observed = (true_yes + true_no) / total
    chance = 2 * share * (1 - share)
    return (observed - chance) / (1 - chance)


def cohens_kappa(pairs: Sequence[Pair], prompts: Sequence[Hashable]) -> Estimate:
    """Kappa of judge and labels; ``prompts`` names the prompt of each pair.

    0 for a judge that always answers the same. Undefined if all labels say the same: agreement beyond chance
    can't be told from the shares then. The interval is resampled by prompt, so it holds for a perfect judge
    too, and stays within [-1, 1].
    """
    table = tabulate(pairs)
    if table.total == 0:
        return undefined("no labels")
    if 0 in (table.label_yes, table.label_no):
        return undefined(f"no label says {'yes' if table.label_yes == 0 else 'no'}")
    return _with_interval(kappa_of, pairs, prompts)


def gwets_ac1(pairs: Sequence[Pair], prompts: Sequence[Hashable]) -> Estimate:
    """AC1 of judge and labels; ``prompts`` names the prompt of each pair. Undefined without labels."""
    return _with_interval(ac1_of, pairs, prompts) if pairs else undefined("no labels")


def cell_weights(weights: Floats, pairs: Sequence[Pair]) -> list[Floats]:
    """The total weight of each cell, in the order of CORNERS, for each row of ``weights``."""
    import numpy as np

    places = [CORNERS.index((int(judge), int(label))) for judge, label in pairs]
    cells = np.array([*places, *range(len(CORNERS))], dtype=np.intp)
    return list(total_weights(weights, cells, len(CORNERS)).T)


def _with_interval(coefficient: Coefficient, pairs: Sequence[Pair], prompts: Sequence[Hashable]) -> Estimate:
    table = tabulate(pairs)
    value = float(coefficient(table.true_yes, table.false_yes, table.false_no, table.true_no))

    def statistic(weights: Floats) -> Floats:
        numbers: Floats = coefficient(*cell_weights(weights, pairs))
        return numbers

    return resampled(value, statistic, prompts)
