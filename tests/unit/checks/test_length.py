"""Length in characters, words and tokens, against numbers worked out by hand."""

from collections.abc import Mapping
from typing import Any

import pytest

from reward_fn.types.check import CheckResult
from tests.factory import check, rollout, score_of


def in_unit(unit: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters as a definition names them: "max" in characters is "max_chars"."""
    return {name if name == "of" else f"{name}_{unit}": value for name, value in parameters.items()}


def score(length: int, **parameters: Any) -> float:
    """What a response of that many characters earns."""
    return score_of(check("length", **in_unit("chars", parameters)), rollout("x" * length))


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
    assert score(length, max=100) == pytest.approx(earned)


# (120 - 105) / (120 - 100) = 0.75
@pytest.mark.parametrize(("length", "earned"), [(100, 1.0), (105, 0.75), (120, 0.0), (121, 0.0)])
def test_where_the_score_reaches_zero_can_be_set(length: int, earned: float) -> None:
    assert score(length, max=100, zero_above=120) == earned


@pytest.mark.parametrize(("length", "earned"), [(100, 1.0), (101, 0.0)])
def test_a_limit_where_it_reaches_zero_at_once_is_hard(length: int, earned: float) -> None:
    assert score(length, max=100, zero_above=100) == earned


# 15 of 20 characters are 0.75.
@pytest.mark.parametrize(("length", "earned"), [(0, 0.0), (15, 0.75), (20, 1.0), (100, 1.0), (150, 0.5)])
def test_under_the_least_length_the_score_is_the_share_that_is_there(length: int, earned: float) -> None:
    assert score(length, max=100, min=20) == earned


# Nothing up to 10, all from 20 on: 15 is half the way. Where both are 20, the limit is hard.
@pytest.mark.parametrize(
    ("length", "zero_below", "earned"),
    [(5, 10, 0.0), (10, 10, 0.0), (15, 10, 0.5), (20, 10, 1.0), (19, 20, 0.0), (20, 20, 1.0)],
)
def test_where_too_little_earns_nothing_can_be_set(length: int, zero_below: int, earned: float) -> None:
    assert score(length, min=20, zero_below=zero_below) == earned


def test_without_a_greatest_length_any_length_will_do() -> None:
    assert score(10**6, min=20) == 1.0


def counted(unit: str, text: str, **parameters: Any) -> str:
    """How long the text is found to be, out of the detail of a check that wants it longer."""
    limited = check("length", **in_unit(unit, {"min": 10_000_000, **parameters}))(rollout(text))
    return limited.detail.removesuffix(", at least 10000000 wanted")


@pytest.mark.parametrize(
    ("unit", "text", "length"),
    [
        ("chars", "漢字👍", "3 chars"),
        ("words", "", "0 words"),
        ("words", "Don't pay – the well-known 3.5 %!", "7 words"),  # Dont pay the well known 3 5
        ("words", "L’été à Łódź", "3 words"),
        ("words", "हिन्दी भाषा", "2 words"),
        ("words", "合同 terms", "2 words"),  # 2 / 1.5 + 1 = 2.3
        ("words", "本合同自签署之日起生效", "7 words"),  # 11 / 1.5 = 7.3
        ("words", "ผู้เช่าต้องจ่ายค่าเช่า", "5 words"),  # 22 / 4.5 = 4.9
        ("words", "계약은 서명한 날부터", "3 words"),
        ("tokens", "", "0 tokens"),
        ("tokens", "abcd", "1 tokens"),
        ("tokens", "abcde", "2 tokens"),
        ("tokens", "漢字漢字", "3 tokens"),  # 12 bytes
        ("tokens", "\ud800", "1 tokens"),
    ],
)
def test_a_unit_counts_what_it_says(unit: str, text: str, length: str) -> None:
    assert counted(unit, text) == length


def test_the_answer_can_be_measured_without_thoughts_and_tags() -> None:
    text = "<think>long</think> <|begin_of_solution|>18<|end_of_solution|>"
    assert counted("chars", text) == f"{len(text)} chars"
    assert counted("chars", text, of="answer") == "2 chars"


def test_a_detail_says_how_long_it_is_and_what_is_wanted() -> None:
    limited = check("length", max_chars=4, min_chars=2)
    assert limited(rollout("secret")) == CheckResult(0.5, "6 chars, at most 4 wanted")
    assert limited(rollout("s")) == CheckResult(0.5, "1 chars, at least 2 wanted")


@pytest.mark.parametrize(
    ("parameters", "complaint"),
    [
        ({"max": 100, "zero_above": 99}, "max <= zero_above; it has max_chars = 100, zero_above_chars = 99"),
        ({"max": 100, "min": 101}, "min <= max"),
        ({"max": 100, "min": 120, "zero_above": 130}, "min <= max"),
        ({"min": 10, "zero_below": 11}, "zero_below <= min"),
        ({"max": 10, "zero_below": 1}, "zero_below <= min"),
        ({}, "set limits in one unit"),
        ({"min": 0}, "set max_chars or min_chars above 0"),
        ({"min": 5, "zero_above": 9}, "zero_above_chars needs max_chars"),
    ],
)
def test_limits_that_contradict_each_other_are_refused_at_load(
    parameters: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        check("length", **in_unit("chars", parameters))
