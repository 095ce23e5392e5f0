"""Numbers as people and models write them, read exactly."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reward_fn.text.numbers import MAX_DIGITS, MAX_SPAN_CHARS, numbers_in
from tests.guard import bounded_time

ONE = {
    # plain
    "18": Fraction(18),
    "0": Fraction(0),
    "007": Fraction(7),
    "18.": Fraction(18),
    "18.50": Fraction(37, 2),
    ".5": Fraction(1, 2),
    "0.1": Fraction(1, 10),  # exactly a tenth, which no float is
    "１８": Fraction(18),
    # signs
    "-5": Fraction(-5),
    "- 5": Fraction(-5),
    "+5": Fraction(5),
    "\u22125": Fraction(-5),
    "\u20135": Fraction(-5),
    "-$5": Fraction(-5),
    "$-5": Fraction(-5),
    # thousands
    "1,234": Fraction(1234),
    "1,234,567.89": Fraction(123456789, 100),
    "1 234 567": Fraction(1234567),
    "1\u00a0234": Fraction(1234),
    "1\u202f234.5": Fraction(2469, 2),
    "70,000": Fraction(70000),
    # units and currencies
    "$18": Fraction(18),
    "$1,200.50 per week": Fraction(2401, 2),
    "€ 18": Fraction(18),
    "£18": Fraction(18),
    "18 dollars": Fraction(18),
    "18 apples left.": Fraction(18),
    "18kg": Fraction(18),
    "18°": Fraction(18),
    "5%": Fraction(5),
    "5 %": Fraction(5),
    "12.5 cm": Fraction(25, 2),
    # fractions
    "3/4": Fraction(3, 4),
    "3 / 4": Fraction(3, 4),
    "-3/4": Fraction(-3, 4),
    "1 1/2": Fraction(3, 2),
    "-1 1/2": Fraction(-3, 2),  # -(1 + 1/2)
    "1 1/2 cups": Fraction(3, 2),
    "6/4": Fraction(3, 2),
    "0/5": Fraction(0),
    "3/4.5": Fraction(2, 3),
    # exponents and scales
    "1e3": Fraction(1000),
    "2.5E-1": Fraction(1, 4),
    "3 hundred": Fraction(300),
    "276 thousand": Fraction(276000),
    "1.5 million": Fraction(1500000),
    "2 Billion people": Fraction(2000000000),
    # LaTeX and Markdown
    r"\frac{3}{4}": Fraction(3, 4),
    r"\dfrac{3}{4}": Fraction(3, 4),
    r"\tfrac {3} {4}": Fraction(3, 4),
    r"-\frac{3}{4}": Fraction(-3, 4),
    r"\frac{-3}{4}": Fraction(-3, 4),
    r"2\frac{1}{2}": Fraction(5, 2),
    r"2 \frac{1}{2}": Fraction(5, 2),
    r"\$18": Fraction(18),
    r"5\%": Fraction(5),
    r"1{,}200": Fraction(1200),
    r"1\,200": Fraction(1200),
    r"\text{18 dollars}": Fraction(18),
    r"18 \text{ dollars}": Fraction(18),
    r"\(18\)": Fraction(18),
    r"\[ 18 \]": Fraction(18),
    r"18^\circ": Fraction(18),
    "`18`": Fraction(18),
    "*18*": Fraction(18),
    # equations come to what stands on the right
    "x = 18": Fraction(18),
    "3 * 6 = 18": Fraction(18),
    "3 × 6 = $18": Fraction(18),
    "20 - 2 = 18": Fraction(18),
    "x = 3 * 6 = 18": Fraction(18),
    "<<3*6=18>>18": Fraction(18),
    # the same number twice is one
    "18 (18.0)": Fraction(18),
    "0.5 (1/2)": Fraction(1, 2),
}


@pytest.mark.parametrize(("span", "value"), ONE.items(), ids=ONE.keys())
def test_one_number_is_read_exactly(span: str, value: Fraction) -> None:
    assert numbers_in(span) == [value]


@pytest.mark.parametrize(
    ("span", "values"),
    [
        ("18 or 20", [18, 20]),
        ("20 or 18", [20, 18]),
        ("18, 20", [18, 20]),
        ("18-20", [18, 20]),
        ("18\u201320", [18, 20]),
        ("1,2", [1, 2]),
        ("1,234,56", [1, 234, 56]),
        ("12:30", [12, 30]),
        ("18 = 20", [18, 20]),
        ("5 - 3", [5, -3]),
        ("2 3", [2, 3]),
    ],
)
def test_several_numbers_are_several(span: str, values: list[int]) -> None:
    assert numbers_in(span) == [Fraction(value) for value in values]


EQUATIONS = [
    "x = 18; y = 2 * 10 = 20",
    "2 * 9 = 18 or 4 * 5 = 20",
    "x = 2 * 9 = 18, y = 4 * 5 = 20",
    "x = 2 * 10 or x = 18",
]


@pytest.mark.parametrize("span", ["18 or x = 20", "x = 18 or x = 20", "18, y = 20", *EQUATIONS])
def test_two_equations_are_not_one_number(span: str) -> None:
    found = numbers_in(span)
    assert found is None or len(found) > 1


@pytest.mark.parametrize(
    "span", ["", "none", "eighteen", "v1.2.3", "abc123", "π", "one/two", "\x00", "\ud800"]
)
def test_no_number_in_digits_is_no_number(span: str) -> None:
    assert not numbers_in(span)


@pytest.mark.parametrize(
    "span",
    [
        *("1/0", "0/0", "1 1/0", r"\frac{1}{0}", "1/0.0"),
        *("9" * (MAX_DIGITS + 1), "0." + "1" * (MAX_DIGITS + 1), "1/" + "9" * (MAX_DIGITS + 1)),
        *("9" * 490, "1e41", "1e-41", "1e999", "1e" + "9" * 100, "1e0000000000000000001"),
        *("18" + " " * MAX_SPAN_CHARS, "9" * 20_000),
    ],
    ids=lambda span: f"{span[:12]}({len(span)})",
)
def test_what_cannot_be_read_exactly_is_not_read_at_all(span: str) -> None:
    assert numbers_in(span) is None


def test_one_unreadable_number_spoils_the_others() -> None:
    assert numbers_in("18 or 1/0") is None


# Each says another number than 18, or none; read as 18 it would be a right answer where the truth is 18.
@pytest.mark.parametrize(
    "span", ["18k", "18 trillion", "18 and a half", "18²", "18½", "18π", r"18\pi", "√18", "18 hundredths"]
)
def test_a_number_is_not_cut_short(span: str) -> None:
    assert numbers_in(span) != [Fraction(18)]


# Markup goes, but the digits on its two sides are not one number.
@pytest.mark.parametrize("span", ["1*8", "1$8", "1{8}", "1`8", "{1}{8}", "$1$$8$", "1**8", "1<<2=2>>8"])
def test_digits_are_never_joined_over_markup(span: str) -> None:
    assert numbers_in(span) != [Fraction(18)]


HOSTILE = {
    "digits": "9" * 500,
    "groups": "1," * 250,
    "groups of three": "111," * 125,
    "groups that end badly": "111," * 124 + "1",
    "spaced groups": "111 " * 125,
    "slashes": "1/" * 250,
    "mixed": "1 1" * 166,
    "signs": "- " * 250,
    "dots": ".1" * 250,
    "exponents": "1e1" * 166,
    "fractions": r"\frac{1}{2}" * 45,
    "open fractions": r"\frac{" * 80,
    "text": r"\text{" * 80,
    "marks": "<<" * 250,
    "equations": "=" * 500,
    "braces": "{$*`" * 125,
}


@pytest.mark.parametrize("span", HOSTILE.values(), ids=HOSTILE.keys())
def test_the_longest_span_is_read_in_bounded_time(span: str) -> None:
    with bounded_time():
        for _ in range(10):
            numbers_in(span)


ALPHABET = "0123456789.,/-+= $%{}()<>*^e\\frac½²\u2212\u00a0 thousand"


@given(st.text(max_size=520) | st.text(alphabet=ALPHABET, max_size=520))
def test_no_text_raises_and_numbers_are_distinct(span: str) -> None:
    found = numbers_in(span)
    assert found is None or len(set(found)) == len(found)


@given(st.integers(-(10**38), 10**38))
def test_every_whole_number_is_read_back_with_and_without_separators(number: int) -> None:
    assert numbers_in(str(number)) == [Fraction(number)]
    assert numbers_in(f"{number:,}") == [Fraction(number)]


@given(st.fractions(max_denominator=10**30).filter(lambda f: abs(f) < 10**30))
def test_every_fraction_is_read_back(number: Fraction) -> None:
    assert numbers_in(f"{number.numerator}/{number.denominator}") == [number]
