"""Length in characters, against numbers worked out by hand."""

from typing import Any

import pytest

from reward_fn.types import CheckResult
from tests.factory import check, rollout


def score(length: int, **parameters: Any) -> float:
    """What a response of that length earns."""
    result = check("length", **parameters)(rollout("x" * length))
    assert isinstance(result, CheckResult)
    return result.score


# By default the score is 0 at twice the limit: at 150 of 100 it is (200 - 150) / (200 - 100) = 0.5.
@pytest.mark.parametrize(
    ("length", "earned"),
    [
        (0, 1.0),
        (1, 1.0),
        (100, 1.0),
        (101, 0.99),
        (150, 0.5),
        (199, 0.01),
        (200, 0.0),
        (201, 0.0),
        (10**6, 0.0),
    ],
)
def test_over_the_limit_the_score_falls_in_a_straight_line_to_twice_the_limit(
    length: int, earned: float
) -> None:
    assert score(length, max_chars=100) == pytest.approx(earned)


# (120 - 105) / (120 - 100) = 0.75
@pytest.mark.parametrize(("length", "earned"), [(100, 1.0), (105, 0.75), (120, 0.0), (121, 0.0)])
def test_where_the_score_reaches_zero_can_be_set(length: int, earned: float) -> None:
    assert score(length, max_chars=100, zero_at_chars=120) == earned


@pytest.mark.parametrize(("length", "earned"), [(100, 1.0), (101, 0.0)])
def test_a_limit_where_it_reaches_zero_at_once_is_hard(length: int, earned: float) -> None:
    assert score(length, max_chars=100, zero_at_chars=100) == earned


# 15 of 20 characters are 0.75.
@pytest.mark.parametrize(("length", "earned"), [(0, 0.0), (15, 0.75), (20, 1.0), (100, 1.0), (150, 0.5)])
def test_under_the_least_length_the_score_is_the_share_that_is_there(length: int, earned: float) -> None:
    assert score(length, max_chars=100, min_chars=20) == earned


def test_characters_are_counted_not_bytes() -> None:
    assert check("length", max_chars=3)(rollout("漢字👍")) == CheckResult(1.0)


def test_a_detail_says_how_long_it_is_and_what_is_wanted() -> None:
    limited = check("length", max_chars=4, min_chars=2)
    assert limited(rollout("secret")) == CheckResult(0.5, "6 characters, at most 4 wanted")
    assert limited(rollout("s")) == CheckResult(0.5, "1 characters, at least 2 wanted")


@pytest.mark.parametrize(
    "parameters",
    [
        {"max_chars": 100, "zero_at_chars": 99},
        {"max_chars": 100, "min_chars": 101},
        {"max_chars": 100, "min_chars": 120, "zero_at_chars": 130},
    ],
)
def test_limits_that_contradict_each_other_are_refused_at_load(parameters: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="needs min_chars <= max_chars <= zero_at_chars, has"):
        check("length", **parameters)
