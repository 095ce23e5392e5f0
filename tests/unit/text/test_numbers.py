"""Numbers as people and models write them, read exactly."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reward_fn.text.numbers import MAX_SPAN_CHARS, numbers_in, speaks_of_numbers
from reward_fn.text.powers import MAX_DIGITS
from tests.guard import bounded_cpu

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
    "½": Fraction(1, 2),
    "18½": Fraction(37, 2),
    "0/5": Fraction(0),
    "3/4.5": Fraction(2, 3),
    # exponents and scales
    "1e3": Fraction(1000),
    "2.5E-1": Fraction(1, 4),
    "3 hundred": Fraction(300),
    "1e005": Fraction(100000),
    "1e-05": Fraction(1, 100000),
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
    r"\frac85": Fraction(8, 5),
    r"\frac{8}5": Fraction(8, 5),
    r"-\frac12": Fraction(-1, 2),
    r"1\frac12": Fraction(3, 2),
    r"\text{31}": Fraction(31),
    r"\mathrm{18}\text{ kg}": Fraction(18),
    r"18^{\circ}": Fraction(18),
    r"\left(18\right)": Fraction(18),
    r"-\left(18\right)": Fraction(-18),
    "-(18)": Fraction(-18),
    "minus 18": Fraction(-18),
    r"10,\!000": Fraction(10000),
    r"9{,}500": Fraction(9500),
    "_18_": Fraction(18),
    # more separators
    "1.234.567": Fraction(1234567),
    "1'234'567": Fraction(1234567),
    "12,34,567": Fraction(1234567),
    # powers
    "10^2": Fraction(100),
    "2^{10}": Fraction(1024),
    "10^{-3}": Fraction(1, 1000),
    "1.2 × 10^3": Fraction(1200),
    r"1.2 \times 10^{3}": Fraction(1200),
    "1.2*10**3": Fraction(1200),
    "5 x 10^-2": Fraction(1, 20),
    "3 × 10⁸": Fraction(300000000),
    "16 × 10⁻¹": Fraction(8, 5),
    # units with exponents, currencies, words around
    "18 m/s^2": Fraction(18),
    "18 m/s²": Fraction(18),
    "18 cm³": Fraction(18),
    r"18\text{ cm}^2": Fraction(18),
    r"18\,\mathrm{m}^{2}": Fraction(18),
    "18 kg·m/s^2": Fraction(18),
    "18 J/(kg·K)": Fraction(18),
    "18 km/h": Fraction(18),
    "$18/hour": Fraction(18),
    "US$18": Fraction(18),
    "18 €": Fraction(18),
    "18EUR": Fraction(18),
    "₹18": Fraction(18),
    "CHF 18": Fraction(18),
    "99¢": Fraction(99),
    "18個": Fraction(18),
    "18입니다": Fraction(18),
    "18!": Fraction(18),
    "18?": Fraction(18),
    "18%?": Fraction(18),
    "¹18": Fraction(18),  # after the mark of a footnote
    "18 because 20 would be too many": Fraction(18),
    "18, not 20": Fraction(18),
    "18 rather than 20": Fraction(18),
    # equations come to what stands on the right
    "x = 18": Fraction(18),
    "3 * 6 = 18": Fraction(18),
    "3 × 6 = $18": Fraction(18),
    "20 - 2 = 18": Fraction(18),
    "x = 3 * 6 = 18": Fraction(18),
    "<<3*6=18>>18": Fraction(18),
    "9+9=18": Fraction(18),
    "3x6 = 18": Fraction(18),
    r"3 \cdot 6 = 18": Fraction(18),
    "£7.50 + £10.50 = £18.00": Fraction(18),
    "x_1 = 18": Fraction(18),
    "f(3) = 18": Fraction(18),
    "v = d/t = 18 m/s": Fraction(18),
    "m + n = 10 + 8 = 18": Fraction(18),
    "P(A) = 1/4": Fraction(1, 4),
    # the same number twice is one
    "18 (18.0)": Fraction(18),
    "0.5 (1/2)": Fraction(1, 2),
}


@pytest.mark.parametrize(("span", "value"), ONE.items())
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


@pytest.mark.parametrize("span", ["1/0", "0/0", "1 1/0", r"\frac{1}{0}", "1/0.0"])
def test_a_fraction_over_zero_is_not_a_number(span: str) -> None:
    assert numbers_in(span) is None


@pytest.mark.parametrize(
    "span",
    [
        *("9" * (MAX_DIGITS + 1), "0." + "1" * (MAX_DIGITS + 1), "1/" + "9" * (MAX_DIGITS + 1)),
        *("1 " + "1" * (MAX_DIGITS + 1) + "/2", "1e0005", "1e-005"),
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


@pytest.mark.parametrize(
    "span",
    [
        # multiplied by a symbol, or added to one
        *(
            "18x",
            "18 x",
            "18n",
            "18i",
            "18a",
            "18ab",
            r"18\alpha",
            r"18\theta",
            r"18\sqrt{2}",
            "18x^2",
            "18π",
        ),
        *("x + 18", "18 - y", "18 + 3i", "18/x", "x/18", r"\frac{18}{x}", r"\frac{x}{18}", "18·z"),
        # equations in an unknown
        *(
            "2x = 18",
            "x^2 = 18",
            "2x + 5y - 7 = 18",
            "x + y = 18",
            "y = 2x + 18",
            "x/2 = 18",
            "f(x) = 18",
            "y=18x",
            "Sum: x + 5 = 18",
            "18? 20",
            "x?18",
        ),
        # intervals, bounds, and either sign
        *(
            "x > 18",
            r"x \ge 18",
            r"(18, \infty)",
            r"(-\infty, 18]",
            "[18, 20]",
            r"x \in (18, 20)",
            "18 ± 2",
            "18 < x",
        ),
        *(
            "±18",
            r"\pm 18",
            "+/- 18",
            "under 18",
            "over 18",
            "below 18",
            "within 18",
            "up to 18",
            "18+",
            "≥ 18",
        ),
        # only nearly, and part of a name
        *(
            "≈ 18",
            "~18",
            r"\approx 18",
            "x_{18}",
            "a_18",
            "f(18)",
            r"\log 18",
            r"\sin 18",
            r"0.\overline{18}",
        ),
        # another number than the digits begin
        *("18^2", "2^18", "18e3", "1.8e3", "18 thousand", "18/20", "1/18", "0x18", "18_000", "18.18.18"),
        # denials, bounds and choices in other languages
        *(
            "nicht 18",
            "18 oder 20",
            "mindestens 18",
            "no es 18",
            "menos de 18",
            "pas 18",
            "18 ou 20",
            "plus de 18",
        ),
        *("не 18", "18 или 20", "不是18", "至少18", "18或20", "18以上", "18 또는 20", "18이 아니라"),
    ],
)
def test_a_number_is_never_read_out_of_a_symbol_a_bound_or_a_denial(span: str) -> None:
    assert numbers_in(span) != [Fraction(18)]


# What is nearly the number is read only where that is asked for.
@pytest.mark.parametrize(
    ("span", "value"),
    [
        ("≈ 3.14", Fraction(157, 50)),
        ("~18", Fraction(18)),
        (r"\approx 18.2", Fraction(91, 5)),
        ("22/7 ≈ 3.14", Fraction(157, 50)),
        ("√2 ≈ 1.41", Fraction(141, 100)),
        (r"\sqrt{2} \approx 1.41", Fraction(141, 100)),
        ("x ≈ 18", Fraction(18)),
        ("π ≈ 3.14", Fraction(157, 50)),
    ],
)
def test_nearly_a_number_is_one_under_a_tolerance(span: str, value: Fraction) -> None:
    assert numbers_in(span, approximate=True) == [value]
    assert numbers_in(span) != [value]


def test_two_numbers_are_two_under_a_tolerance_as_well() -> None:
    assert numbers_in("18 ≈ 20", approximate=True) == [Fraction(18), Fraction(20)]


# Markup goes, but the digits on its two sides are not one number.
@pytest.mark.parametrize("span", ["1*8", "1$8", "1{8}", "1`8", "{1}{8}", "$1$$8$", "1**8", "1<<2=2>>8"])
def test_digits_are_never_joined_over_markup(span: str) -> None:
    assert numbers_in(span) != [Fraction(18)]


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("hundred", 10**2),
        ("thousand", 10**3),
        ("lakh", 10**5),
        ("lakhs", 10**5),
        ("million", 10**6),
        ("crore", 10**7),
        ("crores", 10**7),
        ("billion", 10**9),
        ("trillion", 10**12),
    ],
)
def test_each_scale_word_multiplies_by_its_power_of_ten(word: str, value: int) -> None:
    assert numbers_in(f"3 {word}") == [Fraction(3 * value)]


def test_a_span_of_exactly_the_limit_is_read_and_a_longer_one_is_not() -> None:
    assert MAX_SPAN_CHARS == 500
    assert numbers_in("18" + " " * 498) == [Fraction(18)]
    assert numbers_in("18" + " " * 499) is None


def test_a_number_of_exactly_the_largest_length_is_read_and_a_longer_one_is_not() -> None:
    digits = "9" * MAX_DIGITS
    assert numbers_in(digits) == [Fraction(10**MAX_DIGITS - 1)]
    # The point of a decimal counts as one of its digits.
    assert numbers_in(f"0.{digits[1:]}") == [Fraction(10**39 - 1, 10**39)]
    assert numbers_in(f"0.{digits}") is None
    assert numbers_in(f"1/{digits}") == [Fraction(1, 10**MAX_DIGITS - 1)]
    assert numbers_in(f"{digits}9") is None


def test_a_power_of_ten_within_the_limit_is_read_and_one_beyond_is_not() -> None:
    assert numbers_in(f"1e{MAX_DIGITS}") == [Fraction(10**MAX_DIGITS)]
    assert numbers_in(f"1e-{MAX_DIGITS}") == [Fraction(1, 10**MAX_DIGITS)]
    assert numbers_in(f"1e{MAX_DIGITS + 1}") is None
    # Of a whole number: 10^39 has 40 digits, 10^40 has 41 and is not worked out.
    assert numbers_in("10^39") == [Fraction(10**39)]
    assert numbers_in("10^40") == [Fraction(10), Fraction(40)], "two numbers, so not an answer"
    assert numbers_in("0^2") == [Fraction(0), Fraction(2)], "a power of zero is not worked out"


@pytest.mark.parametrize("text", ["18", "it is 18 now", "eighteen", "about twenty of them", "Twelve", "½"])
def test_digits_and_number_words_speak_of_numbers(text: str) -> None:
    assert speaks_of_numbers(text) is True


@pytest.mark.parametrize("text", ["", "it is one", "nothing", "often", "tension", "none of them"])
def test_other_words_do_not(text: str) -> None:
    assert speaks_of_numbers(text) is False


@pytest.mark.parametrize(
    ("span", "lenient", "strict"),
    [
        ("3,5", [Fraction(7, 2)], [Fraction(3), Fraction(5)]),  # a decimal comma, or a list
        ("3,5 and 4,5", [Fraction(7, 2), Fraction(9, 2)], [Fraction(3), Fraction(5), Fraction(4)]),
        ("eighteen", [Fraction(18)], []),
    ],
)
def test_what_may_be_read_two_ways_is_read_only_if_lenient(
    span: str, lenient: list[Fraction], strict: list[Fraction]
) -> None:
    assert numbers_in(span, lenient=True) == lenient
    assert numbers_in(span) == strict


def test_a_comma_in_a_list_is_no_decimal_comma_even_if_lenient() -> None:
    assert numbers_in("(3,5)", lenient=True) == [Fraction(3), Fraction(5)]


@pytest.mark.parametrize(
    ("span", "values"),
    [
        ("m + n = 25 + 8 = 33", [33]),  # the middle is a sum of numbers, so the unknowns don't matter
        ("m + n = 33", None),  # without one, two unknowns make 33, and neither is known
        ("m + n = 8 = 33", None),
        ("a = b = 18", [18]),
        ("2 + 3 = 5 = 5.0", [5]),
        ("2 + 3 = 5 = 6", [5, 6]),  # two results that differ
        ("2+3=5=6", [5, 6]),
        ("1 + 4 = 2 + 3 = 5 = 6", [5, 6]),
        ("x + y = 25 + 8", None),  # a calculation without a result
        ("2 * 3 = 1 + 5 = 6", [6]),
    ],
)
def test_an_equation_comes_to_its_results_and_no_step_on_the_way(span: str, values: list[int] | None) -> None:
    assert numbers_in(span) == (values if values is None else [Fraction(value) for value in values])


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
    "powers": "10^" * 166,
    "times": "1 x " * 125,
    "units": "m^2 " * 125,
    "subscripts": "x_" * 250,
    "open brackets": "-(" * 250,
}


@pytest.mark.parametrize("span", HOSTILE.values(), ids=HOSTILE.keys())
def test_the_longest_span_is_read_in_bounded_time(span: str) -> None:
    with bounded_cpu():
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
