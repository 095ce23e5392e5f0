"""The statistics equal closed forms and published examples; what is undefined has no value."""

import math
from collections.abc import Callable

import pytest

from rewardctl.calibrate.stats.agreement import ac1_of, cohens_kappa, gwets_ac1, kappa_of
from rewardctl.calibrate.stats.alpha import krippendorffs_alpha
from rewardctl.calibrate.stats.estimate import Estimate, Interval, Z, bounded, undefined
from rewardctl.calibrate.stats.length import partial_spearman
from rewardctl.calibrate.stats.ranking import area_under_curve, spearman
from rewardctl.calibrate.stats.resample import DRAWS, prompt_weights
from rewardctl.calibrate.stats.sample_size import labels_missing
from rewardctl.calibrate.stats.two_by_two import (
    Pair,
    Table,
    accuracy,
    constant_accuracy,
    tabulate,
    true_negative_rate,
    true_positive_rate,
    wilson,
)

EXACT = pytest.approx
SCORES = [(i * 7919 % 13) / 12 for i in range(40)]
LABELS = [(i * 104729 + 3) % 7 < 3 for i in range(40)]
LENGTHS = [(i * 31) % 17 * 10 + i for i in range(40)]
SINGLE = range(40)
"""Each observation is the only one of its prompt."""


def pairs(table: Table) -> list[Pair]:
    """The pairs of a table, in the order of its cells."""
    cells = (Pair(True, True), Pair(True, False), Pair(False, True), Pair(False, False))
    counts = (table.true_yes, table.false_yes, table.false_no, table.true_no)
    return [pair for pair, count in zip(cells, counts, strict=True) for _ in range(count)]


def kappa(table: Table) -> Estimate:
    return cohens_kappa(pairs(table), range(table.total))


def limits(estimate: Estimate) -> tuple[float, float]:
    assert estimate.interval, estimate
    return estimate.interval.low, estimate.interval.high


# Intervals


@pytest.mark.parametrize(("low", "high"), [(0.5, 0.5), (0.6, 0.5), (math.nan, 1.0), (0.0, math.inf)])
def test_an_interval_without_width_or_with_a_limit_that_is_not_finite_cannot_be_made(
    low: float, high: float
) -> None:
    with pytest.raises(ValueError, match="not an interval"):
        Interval(low, high)


def test_an_interval_is_extended_to_hold_its_value_and_undefined_where_it_would_have_no_width() -> None:
    assert bounded(1.0, 0.8, 0.97) == Estimate(1.0, Interval(0.8, 1.0))
    assert bounded(0.0, 0.0, 0.0).value is None


def test_an_undefined_figure_says_why_in_json() -> None:
    assert undefined("no labels").as_json() == {"value": None, "undefined": "no labels"}
    assert bounded(0.5, 0.25, 0.75).as_json() == {"value": 0.5, "low": 0.25, "high": 0.75}


# The 2x2 table


def test_the_table_counts_each_kind_of_pair() -> None:
    table = Table(3, 2, 1, 4)
    assert tabulate(pairs(table)) == table
    assert (table.total, table.label_yes, table.label_no, table.judge_yes) == (10, 4, 6, 5)


@pytest.mark.parametrize(("count", "total"), [(0, 10), (10, 10), (7, 10), (1, 1), (85, 100)])
def test_the_wilson_interval_is_its_closed_form(count: int, total: int) -> None:
    p, z2 = count / total, Z**2
    middle = (p + z2 / (2 * total)) / (1 + z2 / total)
    half = Z * math.sqrt(p * (1 - p) / total + z2 / (4 * total**2)) / (1 + z2 / total)
    assert wilson(count, total).value == p
    assert limits(wilson(count, total)) == EXACT((middle - half, middle + half), abs=1e-9)


def test_rates_are_of_the_labels_of_their_own_class() -> None:
    table = Table(true_yes=18, false_yes=9, false_no=2, true_no=21)
    assert true_positive_rate(table).value == 0.9  # 18 of 20
    assert true_negative_rate(table).value == 0.7  # 21 of 30
    assert accuracy(table).value == 0.78  # 39 of 50
    assert constant_accuracy(table) == 0.6  # 30 of 50 labels say no


def test_a_rate_without_labels_of_its_class_is_undefined() -> None:
    assert true_positive_rate(Table(0, 3, 0, 4)) == undefined("no label says yes")
    assert true_negative_rate(Table(3, 0, 4, 0)) == undefined("no label says no")
    assert accuracy(Table(0, 0, 0, 0)).value is None
    assert constant_accuracy(Table(0, 0, 0, 0)) is None


# Kappa and AC1


def test_kappa_equals_the_textbook_example() -> None:
    """Fifty grants: 35 of 50 agree, expected by chance .5·.6 + .5·.4 = .5, so (.7 - .5) / .5 = .4."""
    assert kappa(Table(20, 5, 10, 15)).value == EXACT(0.4, abs=1e-12)


def test_kappa_and_ac1_equal_gwets_example_of_the_paradox() -> None:
    """118 of 125 agree on a trait that is common; kappa as of scikit-learn 1.9. AC1 by hand: q = 243/250,
    p_e = 2·(243/250)·(7/250) = .054432, (.944 - .054432) / .945568."""
    table = Table(118, 2, 5, 0)
    assert kappa(table).value == EXACT(-0.023391812865497075, abs=1e-9)
    assert gwets_ac1(pairs(table), range(125)).value == EXACT(0.889568 / 0.945568, abs=1e-9)


@pytest.mark.parametrize("table", [Table(20, 5, 10, 15), Table(3, 1, 2, 9), Table(40, 2, 1, 57)])
def test_kappa_equals_that_of_statsmodels(table: Table) -> None:
    from statsmodels.stats.inter_rater import cohens_kappa as reference

    square = [[table.true_yes, table.false_yes], [table.false_no, table.true_no]]
    assert kappa(table).value == EXACT(reference(square).kappa, abs=1e-9)


def test_the_half_width_of_kappa_at_100_balanced_labels_is_about_as_published() -> None:
    """Standard error by Fleiss, Cohen and Everitt, which statsmodels gives: .06 at kappa = .8, so ± .118."""
    half_width = kappa(Table(45, 5, 5, 45)).half_width
    assert half_width is not None
    assert half_width == EXACT(0.118, abs=0.012)


def test_a_perfect_judge_has_a_kappa_of_one_and_an_interval_below_it() -> None:
    few, many = kappa(Table(5, 0, 0, 5)), kappa(Table(100, 0, 0, 100))
    assert (few.value, many.value) == (1.0, 1.0)
    assert limits(few)[1] == limits(many)[1] == 1.0
    assert limits(few)[0] < limits(many)[0] < 1.0


def test_a_constant_judge_has_a_kappa_of_zero_with_an_interval_around_it() -> None:
    estimate = kappa(Table(50, 50, 0, 0))
    assert estimate.value == 0.0
    low, high = limits(estimate)
    assert -0.2 < low < 0 < high < 0.2


@pytest.mark.parametrize("table", [Table(7, 0, 3, 0), Table(0, 3, 0, 7), Table(10, 0, 0, 0)])
def test_kappa_is_undefined_if_all_labels_say_the_same(table: Table) -> None:
    assert kappa(table).value is None
    assert "no label says" in kappa(table).undefined


@pytest.mark.parametrize("cells", [(1, 1, 1, 1), (2, 0, 0, 2), (4, 0, 0, 0), (0, 0, 4, 0), (1, 0, 0, 1)])
def test_no_interval_of_four_labels_leaves_the_range(cells: tuple[int, int, int, int]) -> None:
    table = Table(*cells)
    for estimate in (kappa(table), gwets_ac1(pairs(table), range(table.total))):
        if estimate.value is not None:
            low, high = limits(estimate)
            assert -1 <= low < high <= 1


def test_without_labels_nothing_is_defined() -> None:
    assert cohens_kappa([], []) == gwets_ac1([], []) == undefined("no labels")


def test_siblings_that_answer_alike_widen_the_interval() -> None:
    """Four copies of each of 25 pairs hold no more than 25 pairs do, if they are of one prompt."""
    table = Table(10, 3, 2, 10)
    copies = [pair for pair in pairs(table) for _ in range(4)]
    together = cohens_kappa(copies, [n // 4 for n in range(100)])
    apart = cohens_kappa(copies, range(100))
    assert together.value == apart.value
    assert together.half_width == EXACT(kappa(table).half_width, rel=0.15)
    assert apart.half_width == EXACT((together.half_width or 0) / 2, rel=0.15)


def test_coefficients_take_arrays() -> None:
    import numpy as np

    cells = [np.array([20.0, 118.0]), np.array([5.0, 2.0]), np.array([10.0, 5.0]), np.array([15.0, 0.0])]
    assert kappa_of(*cells) == EXACT([0.4, -0.023391812865497075])
    assert ac1_of(*cells)[1] == EXACT(0.889568 / 0.945568)


# Krippendorff's alpha

OBSERVERS = (
    (1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None),
    (1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3),
    (None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None),
    (1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None),
)
"""The example of Krippendorff (2011): four observers, twelve units, gaps."""


def test_alpha_equals_krippendorffs_example() -> None:
    units = [[value for value in unit if value is not None] for unit in zip(*OBSERVERS, strict=True)]
    assert krippendorffs_alpha(units, range(12)).value == EXACT(0.743421052631579, abs=1e-9)


def test_alpha_of_two_labellers_by_hand() -> None:
    """Ten units, of which one differs: D_o = 2/20; labels 9 yes, 11 no: D_e = (400 - 81 - 121) / (20·19)."""
    units = [[True, True]] * 4 + [[False, False]] * 5 + [[True, False]]
    estimate = krippendorffs_alpha(units, range(10))
    assert estimate.value == EXACT(1 - 0.1 / (198 / 380), abs=1e-12)
    low, high = limits(estimate)
    assert 0 < low < high <= 1


def test_alpha_of_labellers_who_never_differ_has_an_interval() -> None:
    estimate = krippendorffs_alpha([["yes", "yes"]] * 6 + [["no", "no"]] * 6, range(12))
    assert estimate.value == 1.0
    assert limits(estimate)[0] < 0.95


@pytest.mark.parametrize("units", [[["yes"], ["no"]], [["yes", "yes"]] * 5, []])
def test_alpha_is_undefined_without_pairs_or_without_a_second_answer(units: list[list[str]]) -> None:
    assert krippendorffs_alpha(units, range(len(units))).value is None


# AUC, Spearman, length


def test_auc_and_correlations_equal_scikit_learn_and_scipy() -> None:
    """Reference values of scikit-learn 1.9.1 and scipy 1.17 on the same made-up series."""
    assert area_under_curve(SCORES, LABELS, SINGLE).value == EXACT(0.5664961636828645, abs=1e-9)
    assert spearman(SCORES, LABELS, SINGLE).value == EXACT(0.11421839754316562, abs=1e-9)
    estimate = partial_spearman(SCORES, LABELS, LENGTHS, SINGLE)
    assert estimate.value == EXACT(0.1084946336108927, abs=1e-9)


def test_the_auc_of_yes_and_no_is_the_mean_of_both_rates() -> None:
    table = Table(18, 9, 2, 21)
    judge = [float(pair.judge) for pair in pairs(table)]
    label = [pair.label for pair in pairs(table)]
    assert area_under_curve(judge, label, range(50)).value == EXACT((0.9 + 0.7) / 2, abs=1e-12)


def test_the_interval_of_the_auc_agrees_with_hanley_and_mcneil() -> None:
    """Their standard error for A = .8 and 50 of each: Q1 = A/(2-A), Q2 = 2A²/(1+A)."""
    a, n = 0.8, 50
    q1, q2 = a / (2 - a), 2 * a * a / (1 + a)
    error = math.sqrt((a * (1 - a) + (n - 1) * (q1 - a * a) + (n - 1) * (q2 - a * a)) / (n * n))
    scores = [math.sin(i * 12.9898) * 43758.5453 % 1 for i in range(100)]
    labels = [i % 2 == 0 for i in range(100)]
    shifted = [score + 0.37 * label for score, label in zip(scores, labels, strict=True)]
    estimate = area_under_curve(shifted, labels, range(100))
    assert estimate.value == EXACT(0.8, abs=0.03)
    assert estimate.half_width == EXACT(Z * error, rel=0.2)


def test_a_constant_score_has_an_auc_of_one_half_and_no_rank_correlation() -> None:
    estimate = area_under_curve([1.0] * 20, [True] * 10 + [False] * 10, range(20))
    assert estimate.value == 0.5
    assert limits(estimate)[0] < 0.5 < limits(estimate)[1]
    assert spearman([1.0] * 20, [0.0, 1.0] * 10, range(20)) == undefined("one side is constant")


def test_a_perfect_ranking_has_an_interval() -> None:
    labels = [False] * 10 + [True] * 10
    scores = [float(place) for place in range(20)]
    for estimate in (area_under_curve(scores, labels, range(20)), spearman(scores, scores, range(20))):
        assert estimate.value == EXACT(1.0)
        assert limits(estimate)[0] < 0.98


@pytest.mark.parametrize("labels", [[True] * 5, [False] * 5, []])
def test_the_auc_is_undefined_for_one_class(labels: list[bool]) -> None:
    assert area_under_curve([0.1] * len(labels), labels, range(len(labels))).value is None


def test_a_judge_that_counts_characters_is_left_with_nothing() -> None:
    lengths = [float(n) for n in range(1, 31)]
    labels = [n % 5 > 1 or n > 20 for n in range(30)]
    assert partial_spearman(lengths, labels, lengths, range(30)).value is None
    noisy = [length + (7 if place % 3 else 0) for place, length in enumerate(lengths)]
    left = partial_spearman(noisy, labels, lengths, range(30)).value
    plain = spearman(noisy, labels, range(30)).value
    assert left is not None
    assert plain is not None
    assert abs(left) < 0.2 < plain


# Resampling and sizes


def test_weights_are_the_same_for_the_rollouts_of_a_prompt_and_the_same_each_time() -> None:
    import numpy as np

    blocks = list(prompt_weights(["a", "b", "a"]))
    weights = np.concatenate(blocks)
    assert weights.shape == (DRAWS, 3 + 4)
    assert (weights[:, 0] == weights[:, 2]).all()
    assert (weights[:, 0] != weights[:, 1]).all()
    assert weights.mean(axis=0) == EXACT([1, 1, 1, 0.5, 0.5, 0.5, 0.5], abs=0.1)
    assert (np.concatenate(list(prompt_weights(["a", "b", "a"]))) == weights).all()


def test_large_samples_come_in_several_blocks() -> None:
    blocks = list(prompt_weights(range(40_000), draws=100))
    assert len(blocks) > 1
    assert sum(len(block) for block in blocks) == 100


@pytest.mark.parametrize(("half_width", "missing"), [(0.05, 300), (0.1, 0), (0.2, 0), (0.099, 3)])
def test_labels_missing_grow_with_the_square_of_the_precision(half_width: float, missing: int) -> None:
    """100 labels give ± .1; ± .05 needs 400; ± .099 needs 100·(.1/.099)² = 102.03, so 103."""
    assert labels_missing(Estimate(0.5, Interval(0.4, 0.6)), 100, half_width + 1e-12) == missing


def test_labels_missing_are_unknown_for_an_undefined_figure() -> None:
    assert labels_missing(undefined("no labels"), 100, 0.1) is None


@pytest.mark.parametrize("function", [area_under_curve, spearman])
def test_figures_do_not_depend_on_the_order_of_the_labels(function: Callable[..., Estimate]) -> None:
    forward = function(SCORES, LABELS, SINGLE)
    assert function(SCORES[::-1], LABELS[::-1], SINGLE).value == EXACT(forward.value)
