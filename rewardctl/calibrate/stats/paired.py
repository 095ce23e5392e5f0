"""Two judges on the same labels."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from rewardctl.calibrate.stats.agreement import cell_weights, kappa_of
from rewardctl.calibrate.stats.estimate import Estimate, undefined
from rewardctl.calibrate.stats.resample import resampled
from rewardctl.calibrate.stats.two_by_two import Pair

if TYPE_CHECKING:
    from rewardctl.calibrate.stats.resample import Floats


class Answers(NamedTuple):
    """The answers of two judges to one question, and the label; True is a yes."""

    first: bool
    second: bool
    label: bool


class McNemar(NamedTuple):
    """``only_first`` and ``only_second`` count the labels that only that judge matches; ``p`` is two-sided,
    None if there are no such labels."""

    only_first: int
    only_second: int
    p: float | None


def mcnemar(answers: Sequence[Answers]) -> McNemar:
    """McNemar's exact test of equal accuracy of two judges.

    Of the labels that only one judge matches, half should be the first's: p is the two-sided binomial
    probability, by statsmodels. Assumes independent labels: several rollouts of a prompt make p too small.
    Source: McNemar (1947), Psychometrika 12, 153-157.
    """
    first = sum(a.first == a.label != a.second for a in answers)
    second = sum(a.second == a.label != a.first for a in answers)
    if first + second == 0:
        return McNemar(0, 0, None)
    from statsmodels.stats.contingency_tables import mcnemar as test

    return McNemar(first, second, float(test([[0, first], [second, 0]], exact=True).pvalue))


def kappa_difference(answers: Sequence[Answers], prompts: Sequence[Hashable]) -> Estimate:
    """The second judge's kappa less the first's, both on the same labels, resampled by prompt.

    Every draw weights both judges alike, so what is hard for both cancels out. Undefined where kappa is.
    """
    labels = {a.label for a in answers}
    if len(labels) < 2:
        return undefined("all labels say the same" if labels else "no labels")
    import numpy as np

    first = [Pair(a.first, a.label) for a in answers]
    second = [Pair(a.second, a.label) for a in answers]

    def statistic(weights: Floats) -> Floats:
        ones, corners = weights[:, : len(answers)], weights[:, len(answers) :]
        # Eight corners: for each label and each answer of one judge, the other may answer either way.
        to_first = corners.reshape(-1, 4, 2).sum(axis=2)
        to_second = corners[:, _SECOND].reshape(-1, 4, 2).sum(axis=2)
        one = kappa_of(*cell_weights(np.concatenate([ones, to_first], axis=1), first))
        two = kappa_of(*cell_weights(np.concatenate([ones, to_second], axis=1), second))
        result: Floats = two - one
        return result

    data = np.concatenate([np.ones(len(answers)), np.zeros(8)])[None, :]
    return resampled(float(statistic(data)[0]), statistic, prompts, corners=8)


_SECOND = [0, 4, 2, 6, 1, 5, 3, 7]
"""The eight corners, numbered by (first judge, label, second judge) = (yes, yes, yes), (yes, yes, no), …,
in the order (second judge, label, first judge)."""
