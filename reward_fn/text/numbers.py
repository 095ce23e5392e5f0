"""Numbers as people and models write them, read exactly."""

import re
from fractions import Fraction

MAX_DIGITS = 40
MAX_SPAN_CHARS = 500
SCALES = {"hundred": 10**2, "thousand": 10**3, "million": 10**6, "billion": 10**9}

_LATEX = (
    (re.compile(r"\\[dt]?frac\s?\{([^{}]{1,60})\}\s?\{([^{}]{1,60})\}"), r" \1/\2"),
    (re.compile(r"\\(?:text|mathrm|mathbf|textbf)\s?\{"), " "),
    (re.compile(r"\\[,!;: ]|\{,\}(?=\d)|[{}$*`\u20ac\u00a3]|\\(?=[$%])|\\[()\[\]]"), ""),
    (re.compile(r"<<[^<>]{0,200}>>"), ""),  # GSM8K's calculator marks
)
_DIGITS = r"(?:\d{1,3}(?:,\d{3})+(?![\d,]*,\d)|\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?!\d)|\d+)"
_NUMBER = re.compile(
    rf"(?<![\w.])(?P<sign>[-+]\s?)?(?=\.?\d)(?P<whole>{_DIGITS})?(?P<decimals>\.\d+)?(?P<exponent>e[-+]?\d+)?"
    rf"(?:(?P<mixed>\s\d+)?\s?/\s?(?P<denominator>\d+(?:\.\d+)?))?"
    rf"(?:\s(?P<scale>{'|'.join(SCALES)})\b)?",
    re.IGNORECASE,
)


def numbers_in(span: str) -> list[Fraction] | None:
    """The distinct numbers of a short text, in order of appearance.

    Thousands separators, signs, decimals, fractions (3/4, 1 1/2, \\frac{3}{4}), scale words and units are
    understood; of an equation only what follows the last "=" counts. None where the text is longer than
    ``MAX_SPAN_CHARS`` or holds a number that can't be read.
    """
    if len(span) > MAX_SPAN_CHARS:
        return None
    text = _right_hand_side(span.replace("\u2212", "-").replace("\u2013", "-"))
    for pattern, plain in _LATEX:
        text = pattern.sub(plain, text)
    found: list[Fraction] = []
    for match in _NUMBER.finditer(text):
        value = _value(match)
        if value is None:
            return None
        if value not in found:
            found.append(value)
    return found


def _right_hand_side(text: str) -> str:
    """What an equation comes to: "3 * 6 = 18" is 18; but "18 = 20" stays, for it says two things."""
    left, equals, right = text.rpartition("=")
    return right if equals and re.search(r"[a-zA-Z+*/\u00d7(^]|\d\s*-\s*\d", left) else text


def _value(match: re.Match[str]) -> Fraction | None:
    whole = re.sub(r"\D", "", match["whole"] or "0")
    decimals, mixed, denominator = match["decimals"] or "", match["mixed"], match["denominator"]
    if max(len(whole), len(decimals), len(mixed or ""), len(denominator or "")) > MAX_DIGITS:
        return None
    value = Fraction(whole + decimals)
    if match["exponent"]:
        power = int(match["exponent"][1:4])
        if len(match["exponent"]) > 4 or abs(power) > MAX_DIGITS:
            return None
        value *= Fraction(10) ** power
    if denominator is not None:
        below = Fraction(denominator)
        if below == 0:
            return None
        value = value + Fraction(mixed.strip()) / below if mixed else value / below
    if match["scale"]:
        value *= SCALES[match["scale"].lower()]
    return -value if (match["sign"] or "").startswith("-") else value
