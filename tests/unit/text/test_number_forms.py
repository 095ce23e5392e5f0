"""Other ways to write a number, as plain digits."""

import pytest

from reward_fn.text.number_forms import decimal_points, has_factorial, plain_amounts
from reward_fn.text.number_words import said_once, spelled_number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("zero", 0),
        ("Nineteen.", 19),
        ("forty-two", 42),
        ("forty two marbles", 42),
        ("one hundred and five", 105),
        ("three hundred twelve square feet", 312),
        ("two thousand and six", 2006),
        ("seven million three hundred thousand", 7_300_000),
        ("twelve hundred", 1200),
    ],
)
def test_a_number_that_is_written_out_is_read(text: str, value: int) -> None:
    assert spelled_number(text) == value


@pytest.mark.parametrize(
    "text",
    [
        *("", "none", "two or three", "three quarters", "one half", "two thirds", "ten times as many"),
        *("five more", "two three", "forty twelve", "one thousand million", "eighteen-ish", "hundred"),
        *("one of them", "six point five", "nobody", "four of the five", "two dozen"),
    ],
)
def test_words_that_say_more_or_less_than_one_number_are_none(text: str) -> None:
    assert spelled_number(text) is None


def test_words_beside_the_same_digits_go_and_other_words_stay() -> None:
    assert said_once("42 (forty-two)") == "42"
    assert said_once("forty-two (42) marbles") == "42 marbles"
    assert said_once("42 (forty)") == "42 (forty)"


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("$2.5M", "$2.5 million"),
        ("\u20ac3bn.", "\u20ac3 billion."),
        ("$3k in all", "$3 thousand in all"),
        ("$18k$", "$18k$"),
        ("18k", "18k"),
        ("$5 Belgian", "$5 Belgian"),
        ("29 dollars and 50 cents", "29.50"),
        ("1_000_000", "1000000"),
        ("a_1", "a_1"),
    ],
)
def test_amounts_are_written_out(text: str, plain: str) -> None:
    assert plain_amounts(text) == plain


@pytest.mark.parametrize(
    ("text", "strict", "lenient"),
    [
        ("1.234,56", "1234.56", "1234.56"),
        ("1 234,5", "1234.5", "1234.5"),
        ("0,25", "0.25", "0.25"),
        ("3,5", "3,5", "3.5"),
        ("1,234", "1,234", "1,234"),
        ("(3,5)", "(3,5)", "(3,5)"),
        ("1,2,3", "1,2,3", "1,2,3"),
        ("1,234.5", "1,234.5", "1,234.5"),
    ],
)
def test_a_comma_is_a_decimal_point_where_it_can_be_no_other(text: str, strict: str, lenient: str) -> None:
    assert decimal_points(text, lenient=False) == strict
    assert decimal_points(text, lenient=True) == lenient


@pytest.mark.parametrize(
    ("text", "is_one"), [("$6!$", True), ("\\frac{1}{6!}", True), ("It is 6!", False), ("6!*2", True)]
)
def test_an_exclamation_mark_in_a_formula_is_a_factorial(text: str, is_one: bool) -> None:
    assert has_factorial(text) is is_one
