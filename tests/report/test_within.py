"""Statistics within groups, derived by hand and against numpy."""

import numpy as np
import pytest

from rewardctl.report.within import Floats, Grouping, within_correlation, within_sd

ALL = np.array([True] * 6)
PAIRS = np.array([0, 0, 1, 1, -1, 2])


def test_only_rows_of_groups_of_two_and_more_are_compared() -> None:
    """Group 2 has one row, and -1 stands for no group."""
    grouping = Grouping.of(PAIRS, ALL)
    assert (grouping.rows.tolist(), grouping.sizes.tolist(), grouping.count) == ([0, 1, 2, 3], [2, 2], 2)


def test_a_row_that_is_not_usable_leaves_its_group() -> None:
    assert Grouping.of(PAIRS, np.array([True, False, True, True, True, True])).rows.tolist() == [2, 3]


def test_groups_are_found_wherever_their_rows_stand() -> None:
    grouping = Grouping.of(np.array([5, 7, 5, 7]), np.array([True] * 4))
    assert list(grouping.members()) == [[0, 2], [1, 3]]
    assert grouping.means(np.array([1.0, 10.0, 3.0, 30.0])).tolist() == [2.0, 20.0]


def test_the_deviation_within_groups_is_pooled_by_degrees_of_freedom() -> None:
    """1 and 3 lie 1 from their mean, 10 and 16 lie 3: (1 + 1 + 9 + 9) / (4 - 2) = 10."""
    values = np.array([1.0, 3.0, 10.0, 16.0, 99.0, 99.0])
    assert within_sd(Grouping.of(PAIRS, ALL), values) == pytest.approx(np.sqrt(10))


def test_for_one_group_it_is_the_sample_deviation() -> None:
    values = np.random.default_rng(3).normal(size=9)
    grouping = Grouping.of(np.zeros(9, np.int64), np.ones(9, bool))
    assert within_sd(grouping, values) == pytest.approx(values.std(ddof=1), rel=1e-12)


def test_equal_values_have_exactly_no_deviation() -> None:
    """Three times 0.1 have a mean that differs from 0.1 by rounding."""
    grouping = Grouping.of(np.zeros(3, np.int64), np.ones(3, bool))
    assert within_sd(grouping, np.array([0.1] * 3)) == 0.0
    assert grouping.ranges(np.array([0.1] * 3)).tolist() == [0.0]


def test_the_correlation_within_groups_ignores_differences_between_them() -> None:
    """Between groups both rise; within each, one rises where the other falls."""
    x = np.array([1.0, 2.0, 11.0, 12.0, 0.0, 0.0])
    y = np.array([2.0, 1.0, 12.0, 11.0, 0.0, 0.0])
    assert within_correlation(Grouping.of(PAIRS, ALL), x, y) == pytest.approx(-1.0)


def test_it_equals_the_correlation_of_the_centred_values() -> None:
    rng = np.random.default_rng(5)
    x, y = rng.normal(size=(2, 40))
    groups = np.repeat(np.arange(8), 5)

    def centred(values: Floats) -> Floats:
        return values - np.repeat(values.reshape(8, 5).mean(axis=1), 5)

    result = within_correlation(Grouping.of(groups, np.ones(40, bool)), x, y)
    assert result == pytest.approx(np.corrcoef(centred(x), centred(y))[0, 1], rel=1e-12)


def test_what_nothing_defines_is_none() -> None:
    nobody = Grouping.of(np.array([0, 1]), np.array([True, True]))
    two = Grouping.of(np.array([0, 0]), np.array([True, True]))
    assert within_sd(nobody, np.array([1.0, 2.0])) is None
    assert within_correlation(two, np.array([1.0, 1.0]), np.array([1.0, 2.0])) is None
