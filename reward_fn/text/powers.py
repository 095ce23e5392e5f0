"""Write powers of ten and of whole numbers in plain digits, and drop the exponents of units."""

import re
from fractions import Fraction
from math import log10

MAX_DIGITS = 40
_RAISED_DIGITS = {**{0x2070 + i: str(i) for i in range(10)}, 0xB9: "1", 0xB2: "2", 0xB3: "3", 0x207B: "-"}
_TIMES = re.compile(r"(?<=\d)\s?x\s?(?=\$?\d)", re.IGNORECASE)
_RAISED_POWER = re.compile(r"(?<![\w.,])(\d{1,3})(\u207b?[\u2070\u00b9\u00b2\u00b3\u2074-\u2079]{1,3})(?!\w)")
_SCIENTIFIC = re.compile(
    r"(?<=\d)\s?[*\u00d7\u00b7\u22c5]\s?10\s?(?:\^|\*\*)\s?[({]?\s?([-+\u2212]?\d{1,3})\s?[)}]?(?![\w.])"
)
_POWER = re.compile(r"(?<![\w.,)])(\d{1,3})\s?\^\s?[({]?\s?(-?\d{1,3})\s?[)}]?(?![\w.])")
_UNIT_EXPONENT = re.compile(
    r"(?<=[^\W\d_])\s?\}?\s?(?:\^\s?\{?\s?[-\u2212]?\d\s?\}?|\u207b?[\u00b9\u00b2\u00b3])(?!\d)"
)
"""The exponent of a unit, as in "m/s^2", which does not change the number."""


def plain_powers(text: str) -> str:
    """The text with powers as plain numbers: "1.2 \u00d7 10^3" becomes "1.2e3", "2^{10}" "1024"."""
    text = _RAISED_POWER.sub(
        lambda match: f"{match[1]}^{match[2].translate(_RAISED_DIGITS)}", _TIMES.sub(" \u00d7 ", text)
    )
    return _POWER.sub(_power, _SCIENTIFIC.sub(r"e\1", text).replace("e\u2212", "e-"))


def _power(match: re.Match[str]) -> str:
    base, exponent = int(match[1]), int(match[2])
    if base == 0 or abs(exponent) * log10(base) >= MAX_DIGITS:
        return match[0]
    value = Fraction(base) ** exponent
    return str(value.numerator) if value.denominator == 1 else f"{value.numerator}/{value.denominator}"


def without_unit_exponents(text: str) -> str:
    """The text without exponents of units: "m/s^2" becomes "m/s"."""
    return _UNIT_EXPONENT.sub("", text)
