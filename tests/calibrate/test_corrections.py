"""Corrected pass rates, thresholds and comparisons of two judges."""

import math

import pytest

from rewardctl.calibrate.stats.estimate import Estimate, Z
from rewardctl.calibrate.stats.paired import Answers, McNemar, kappa_difference, mcnemar
from rewardctl.calibrate.stats.prediction_powered import prediction_powered_mean
from rewardctl.calibrate.stats.rogan_gladen import corrected_pass_rate
from rewardctl.calibrate.stats.threshold import Scored, best_threshold
from rewardctl.calibrate.stats.two_by_two import Table


def limits(estimate: Estimate) -> tuple[float, float]:
    assert estimate.interval, estimate
    return estimate.interval.low, estimate.interval.high


# Rogan and Gladen


def test_a_judge_that_reports_62_percent_is_corrected_to_50() -> None:
    """TPR .95, TNR .70: q = .5·.95 + .5·.30 = .625, and (.625 + .70 - 1) / .65 = .5."""
    table = Table(true_yes=95, false_yes=30, false_no=5, true_no=70)
    estimate = corrected_pass_rate(625, 1000, table)
    assert estimate.value == pytest.approx(0.5, abs=1e-12)
    low, high = limits(estimate)
    assert 0.35 < low < 0.45
    assert 0.55 < high < 0.65


def test_the_interval_is_lang_and_reiczigels() -> None:
    """By hand, with their additions: z² to the judged and 2 to the labels of each class."""
    q, tpr, tnr = (600 + Z**2 / 2) / (1000 + Z**2), 91 / 102, 81 / 102
    share = (q + tnr - 1) / (tpr + tnr - 1)
    parts = (
        q * (1 - q) / (1000 + Z**2),
        share**2 * tpr * (1 - tpr) / 102,
        (1 - share) ** 2 * tnr * (1 - tnr) / 102,
    )
    error = math.sqrt(sum(parts)) / (tpr + tnr - 1)
    shift = 2 * Z**2 * (share * tpr * (1 - tpr) - (1 - share) * tnr * (1 - tnr)) / 102
    estimate = corrected_pass_rate(600, 1000, Table(90, 20, 10, 80))
    assert estimate.value == pytest.approx((0.6 + 0.8 - 1) / 0.7, abs=1e-12)
    expected = (share + shift - Z * error, share + shift + Z * error)
    assert limits(estimate) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("table", [Table(50, 50, 0, 0), Table(25, 25, 25, 25), Table(10, 40, 40, 10)])
def test_a_judge_near_chance_corrects_nothing(table: Table) -> None:
    estimate = corrected_pass_rate(600, 1000, table)
    assert estimate.value is None
    assert "hardly better than chance" in estimate.undefined


@pytest.mark.parametrize(("passed", "judged"), [(80, 500), (100, 500), (400, 500), (420, 500), (3, 4)])
def test_the_corrected_rate_stays_within_0_and_1_with_a_width(passed: int, judged: int) -> None:
    low, high = limits(corrected_pass_rate(passed, judged, Table(40, 10, 10, 40)))
    assert 0 <= low < high <= 1


@pytest.mark.parametrize("passed", [0, 10, 500])
def test_a_pass_rate_that_the_error_rates_rule_out_is_not_corrected(passed: int) -> None:
    """With a false positive rate of .2 a judge passes about 100 of 500 at least."""
    estimate = corrected_pass_rate(passed, 500, Table(40, 10, 10, 40))
    assert "labelled and judged rollouts differ" in estimate.undefined


def test_without_both_classes_there_is_no_correction() -> None:
    assert corrected_pass_rate(5, 10, Table(5, 0, 5, 0)).value is None
    assert corrected_pass_rate(0, 0, Table(5, 1, 1, 5)).value is None


# Prediction-powered inference


def test_the_prediction_powered_mean_is_its_closed_form() -> None:
    """Four labels (1, 1, 0, 0), scores (1, 1, 1, 0); sixteen others, eight of them 1.

    cov = .5 - .5·.75 = .125; var of all 20 scores, of which 11 are 1: .55·.45 = .2475; λ = .125 /
    (1.25·.2475) = .404040. The mean: .5 + λ·(.5 - .75) = .398990. Residuals y - λf have the mean .196970.
    """
    labels, scores = [1.0, 1.0, 0.0, 0.0], [1.0, 1.0, 1.0, 0.0]
    others = [1.0] * 8 + [0.0] * 8
    weight = 0.125 / (1.25 * 0.2475)
    residuals = [y - weight * f for y, f in zip(labels, scores, strict=True)]
    mean = sum(residuals) / 4
    squares = sum((r - mean) ** 2 for r in residuals) + 1
    half = Z * math.sqrt(weight**2 * 0.25 / 16 + squares / 5 / 4)
    estimate = prediction_powered_mean(labels, scores, others)
    value = 0.5 - 0.25 * weight
    assert estimate.value == pytest.approx(value, abs=1e-12)
    assert limits(estimate) == pytest.approx((max(0.0, value - half), min(1.0, value + half)), abs=1e-9)


def test_a_useless_judge_leaves_the_labels_alone() -> None:
    labels = [1.0, 0.0] * 10
    constant = prediction_powered_mean(labels, [1.0] * 20, [1.0] * 500)
    assert constant.value == 0.5
    assert prediction_powered_mean(labels, [1.0, 1.0, 0.0, 0.0] * 5, [1.0] * 500).value == 0.5


def test_a_good_judge_narrows_the_interval_and_corrects_the_share() -> None:
    """λ = .225 / (1.04·.213) is clipped to 1; the labelled half passes .5, the others .7: .5 + (.7 - .5)."""
    labels = [1.0] * 20 + [0.0] * 20
    scores = [1.0] * 19 + [0.0] * 20 + [1.0]
    alone = prediction_powered_mean(labels, scores, [])
    powered = prediction_powered_mean(labels, scores, [1.0] * 700 + [0.0] * 300)
    assert powered.value == pytest.approx(0.7, abs=1e-12)
    assert (powered.half_width or 1) < 0.7 * (alone.half_width or 0)


def test_a_judge_without_a_mistake_still_has_a_width() -> None:
    labels = [1.0] * 5 + [0.0] * 5
    estimate = prediction_powered_mean(labels, labels, [1.0] * 1_000)
    assert (estimate.half_width or 0) > 0.05


def test_one_label_is_too_few() -> None:
    assert prediction_powered_mean([1.0], [1.0], [0.0] * 9).undefined == "fewer than two labels"


# Thresholds


def test_the_threshold_separates_what_can_be_separated_and_is_the_highest_of_equal_ones() -> None:
    """All labels yes from .6 on: the lowest score among them is the highest threshold that keeps all."""
    scored = [Scored(n / 10, n >= 6, str(n + 10 * copy)) for n in range(10) for copy in range(8)]
    best = best_threshold(scored)
    assert best is not None
    assert best.at == 0.6
    assert best.unseen == Table(true_yes=32, false_yes=0, false_no=0, true_no=48)


def test_a_threshold_chosen_on_noise_gains_nothing_on_prompts_it_was_not_chosen_on() -> None:
    noise = [math.sin(n * 12.9898) * 43758.5453 % 1 for n in range(200)]
    best = best_threshold([Scored(noise[n], n % 2 == 0, str(n)) for n in range(200)])
    assert best is not None
    table = best.unseen
    assert table.total == 200
    assert table.true_yes / table.label_yes + table.true_no / table.label_no - 1 < 0.12


def test_a_constant_score_gives_a_threshold_that_says_yes_to_all() -> None:
    best = best_threshold([Scored(1.0, n % 2 == 0, str(n // 2)) for n in range(40)])
    assert best is not None
    assert best.unseen == Table(20, 20, 0, 0)


@pytest.mark.parametrize("labels", [[True] * 10, [False] * 10, []])
def test_one_class_has_no_threshold(labels: list[bool]) -> None:
    assert best_threshold([Scored(0.5, label, str(n)) for n, label in enumerate(labels)]) is None


# Two judges


def answers(only_first: int, only_second: int, both: int = 40, neither: int = 10) -> list[Answers]:
    """Half of the labels yes. The counts say which judge matches the label."""
    kinds = [(True, False)] * only_first + [(False, True)] * only_second
    kinds += [(True, True)] * both + [(False, False)] * neither
    return [
        Answers(label if one else not label, label if two else not label, label)
        for n, (one, two) in enumerate(kinds)
        for label in [n % 2 == 0]
    ]


def test_mcnemar_is_the_exact_binomial_test() -> None:
    """Of 10 that only one matches the second has 9: 2·(1 + 10) / 2^10."""
    first, second, p = mcnemar(answers(1, 9))
    assert (first, second) == (1, 9)
    assert p == pytest.approx(22 / 1024, abs=1e-12)


def test_judges_that_are_right_and_wrong_together_are_not_told_apart() -> None:
    assert mcnemar(answers(0, 0)) == McNemar(0, 0, None)
    estimate = kappa_difference(answers(0, 0), range(50))
    assert estimate.value == 0.0
    low, high = limits(estimate)
    assert low < 0 < high


def test_the_difference_of_kappas_is_that_of_the_single_kappas() -> None:
    """50 balanced labels: the first is right on 30, the second on 40; kappa is 2·accuracy - 1 for balanced
    answers and labels, so .2 and .6."""
    estimate = kappa_difference(answers(0, 10, both=30, neither=10), range(50))
    assert estimate.value == pytest.approx(0.4, abs=1e-12)
    assert limits(estimate)[0] > 0


def test_the_difference_is_undefined_where_kappa_is() -> None:
    assert kappa_difference([Answers(True, False, True)] * 9, range(9)).undefined == "all labels say the same"
    assert kappa_difference([], []).undefined == "no labels"


def test_judges_of_equal_strength_have_a_difference_around_zero_whatever_their_order() -> None:
    estimate = kappa_difference(answers(8, 8, both=30, neither=4), range(50))
    low, high = limits(estimate)
    assert estimate.value == pytest.approx(0.0, abs=1e-12)
    assert low == pytest.approx(-high, abs=0.03)
