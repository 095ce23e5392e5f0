"""Read numbers in the notations of people and models: exactly, or not at all."""

import re
from fractions import Fraction
from unicodedata import normalize

from reward_fn.text.latex import plain_math
from reward_fn.text.number_forms import decimal_points, has_factorial, is_list, plain_amounts, plain_signs
from reward_fn.text.number_words import said_once, spelled_number
from reward_fn.text.powers import MAX_DIGITS, plain_powers, without_unit_exponents

MAX_SPAN_CHARS = 500
MAX_EXPONENT_CHARS = 3
"""A sign and two digits, or three digits; a longer exponent exceeds ``MAX_DIGITS``."""
SCALES = {
    "hundred": 10**2,
    "thousand": 10**3,
    **dict.fromkeys(("lakh", "lakhs"), 10**5),
    "million": 10**6,
    **dict.fromkeys(("crore", "crores"), 10**7),
    "billion": 10**9,
    "trillion": 10**12,
}

# Text that changes a number in a way that this module cannot read, or that does not commit to it.
_UNREADABLE = re.compile(
    r"\d\s*[\u00b2\u00b3\u00b9\u2070-\u209f]"  # superscripts and subscripts
    r"|\d\s*(?-i:k|K|M|B|bn|mn)\b"  # 18k: a thousand or a unit
    r"|(?<![\d%])\?|\?(?!\s*\Z)"  # a question mark after the last number is only doubt
    r"|\d\+(?!\s?\d)|[<>\u00b1\u221a\u03c0\u221e\u2260\u2264\u2265\u2248~]|\+\s?/?\s?-|\\[a-z]+"
    r"|\b(?:cannot|unable|unknown|unclear|undefined|insufficient|more information)\b|\|\s?-\s?[\d.]+\s?\|"
    r"|\b(?:not|but|neither|nor|(?:more|less|fewer|other) than|at (?:least|most)|up to)\b"
    r"|\b(?:under|over|above|below|beyond|exceed(?:s|ing)?|within|until)\s\W{0,3}\d"
    r"|\b(?:half|double|twice|triple|squared|cubed|minus|negative|log|ln|root|dozens?)\b"
    r"|\b(?:thirds?|quarters?|fifths?|sixths?|eighths?|tenths?) of\b(?![^=]*=)"
    r"|(?<!\d )\b(?:hundred|thousand|million|billion|trillion|lakh|crore)s?\b"
    r"|\b(?:if|wrong|incorrect|(?:ten|hundred|thousand|million)ths?)\b"
    r"|\w+n't\b"
    r"|\band (?:a|one|two|three)[ -](?:half|halves|thirds?|quarters?|fifths?|eighths?|tenths?)\b"
    # denials and bounds in other languages
    r"|\b(?:nicht|keine?|mindestens|h\u00f6chstens|(?:weniger|mehr) als|unter|\u00fcber|pas|(?:plus|moins) de"
    r"|au moins|(?:menos|m\u00e1s) de|al menos|no es|n\u00e3o|(?:meno|pi\u00f9) di|almeno|non|niet"
    r"|(?:minder|meer) dan|\u043d\u0435|\u043c\u0435\u043d\u0435\u0435|\u0431\u043e\u043b\u0435\u0435)\b"
    r"|\u4e0d\u662f|\u81f3\u5c11|\u81f3\u591a|\u4e0d\u5230|\u8d85\u8fc7|\d\w?(?:\u4ee5\u4e0a|\u4ee5\u4e0b|\u672a\u6e80)"
    r"|\d\w?\s?(?:\uc774\uc0c1|\uc774\ud558)|\d\w?\u534a|\u3067\u306f\u306a\u3044|\uc544\ub2c8",
    re.IGNORECASE,
)
_NUMBER_WORD = re.compile(
    r"\b(?:two|three|four(?:teen)?|five|six(?:teen)?|seven(?:teen)?|eight(?:een)?|nine(?:teen)?|ten|eleven"
    r"|twelve|thirteen|fifteen|(?:twen|thir|for|fif|six|seven|eigh|nine)ty)\b",
    re.IGNORECASE,
)
_EITHER = re.compile(
    r"\b(?:or|either|alternatively|oder|ou|o bien|of anders|\u0438\u043b\u0438)\b"
    r"|\u6216|\u307e\u305f\u306f|\ub610\ub294",
    re.IGNORECASE,
)
_CALCULATOR = re.compile(r"<<[^<>]{0,200}>>")
_LABEL = re.compile(r"^[^\d:=]*:\s")
_RAISED = re.compile(r"[\u00b2\u00b3\u00b9\u2070-\u209f]")
_ROOT_OR_PI = re.compile(r"[\u221a\u03c0]")
_VULGAR = re.compile(r"(?<=\d)(?=[\u00bc-\u00be\u2150-\u215e])")
_REASON = re.compile(
    r"(?<=[\w%])[ ,;]+(?:because|since|rather than|instead of|as opposed to)\b|(?<=[\d%]), not\b"
    r"|(?<=[\w%])[.;] (?:explanation|reasoning|justification|calculation|working)\b",
    re.IGNORECASE,
)
_SYMBOL = re.compile(
    r"\d(?!e[-+]?\d)(?:[a-eijklnopqruvwxyzXYZ]|[abnxyz]{2}| [ijnpqxyzXYZ])(?![\w'\u2019])"
    r"|\d\s?(?![\u03a9\u03bc\u00b5])[\u0370-\u03ff](?!\w)"
    r"|(?<![^\W_])(?<!\d )(?<![/\u00b7])(?<!\bkg )(?<!\bN )(?<!\bJ )"
    r"[a-zA-Z]\s?[-+*/^\u00d7\u00b7\u00f7]\s?[\da-zA-Z](?![a-zA-Z])"
    r"|[\d)]\s?[-+*^\u00d7\u00b7\u00f7]\s?[a-zA-Z](?![a-zA-Z])|\d\s?/\s?[xyznabcpq](?![a-zA-Z])"
)
"""A variable that is multiplied, added or divided, so the value is unknown."""
_INSIDE_NAME = re.compile(r"[^\W\d_]_\s?\d|(?<![^\W_])[a-zA-Z]\(\s?\d")
"""A number that is part of a name, as in "a_18", or the argument of a function."""
_FUNCTION = re.compile(r"\b[fgh]\s?\(\s?[xyztn]\s?\)")
"""A function of an unknown: "f(x) = 18" is not the number 18."""
_MINUS = re.compile(r"\A\W*(?:minus|negative) (?=\d)", re.IGNORECASE)
_VARIABLE_POWER = re.compile(
    r"(?<!\w)[nxyz]\s?[\^\u00b2\u00b3]|(?<![\w/])(?<![\w/\u00b7\u00b0] )[a-zA-Z]\s?[\^\u00b2\u00b3]"
)
_NAME = re.compile(r"\W*[A-Za-z]+(?:\w{1,3}|_\s?\w{1,3})?\W*")
_SPACES = re.compile(r"(?:[\s*]|(?<!\w)_+|_+(?!\w))+")
_DIGITS = (
    r"(?:\d{1,3}(?:,\d{3})+(?![\d,]*,\d)|\d{1,2}(?:,\d{2})+,\d{3}(?![\d,]*,\d)|\d{1,3}(?: \d{3})+(?!\d)"
    r"|\d{1,3}(?:\.\d{3}){2,}(?![\d.]*\.\d)|\d{1,3}(?:['\u2019]\d{3})+(?!\d)|\d+)"
)
_NO_WORD_BEFORE = r"(?<![^\W\u0e00-\u0e7f\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3])(?<!\.)"
"""No letter directly before a number, except in scripts without spaces."""
_NUMBER = re.compile(
    rf"{_NO_WORD_BEFORE}(?P<sign>[-+] ?)?(?=\.?\d)(?P<whole>{_DIGITS})?(?P<decimals>\.\d+)?"
    r"(?P<exponent>e[-+]?\d+)?"
    rf"(?:(?P<mixed> \d+)? ?/ ?(?P<denominator>\d+(?:\.\d+)?))?"
    rf"(?: (?P<scale>{'|'.join(SCALES)})\b)?",
    re.IGNORECASE,
)
_OPERATOR = re.compile(r"[+*/\u00d7\u00b7\u22c5\u00f7^(]|\d\s*-\s*\d|\\times|\\cdot|\\div")
_ALTERNATIVE = re.compile(r"[,;:]\s|\b(?:or|and|if|not|either|vs|versus|maybe|then|to|but)\b", re.IGNORECASE)


def numbers_in(span: str, *, approximate: bool = False, lenient: bool = False) -> list[Fraction] | None:
    """The distinct numbers of a short text, in order of appearance; None if it is not certain of them.

    Thousands separators, signs, decimals, fractions (3/4, 1 1/2, \\frac{3}{4}), powers, scale words and units
    are read; GSM8K's calculator annotations are skipped. Of a calculation only the result counts, with
    ``approximate`` also a rounded one. "1.234,5" and "0,5" have a decimal comma. "3,5", which may be a list,
    and "eighteen" are read only if ``lenient``.

    None is also returned for a text longer than ``MAX_SPAN_CHARS``, for a number multiplied by a symbol, and
    if a digit remains outside of the numbers that were read: no number is better than a wrong one.
    """
    if len(span) > MAX_SPAN_CHARS:
        return None
    text = _REASON.split(plain_signs(_CALCULATOR.sub(" ", span)))[0]
    if not any(map(str.isnumeric, text)):
        spelled = spelled_number(plain_math(text)) if lenient else None
        return [] if spelled is None else [Fraction(spelled)]
    if has_factorial(text):
        return None
    lenient = lenient and not is_list(text)
    text = said_once(plain_amounts(text))
    text = _MINUS.sub("-", plain_powers(" ".join(plain_math(text).split())))
    if _VARIABLE_POWER.search(text):
        return None
    text = without_unit_exponents(text)
    if approximate:
        text = _nearly(text)
    if _UNREADABLE.search(text) or _NUMBER_WORD.search(text):
        return None
    text = normalize("NFKC", _RAISED.sub(" ", _VULGAR.sub(" ", text))).replace("\u2044", "/")
    text = _results(text.replace("\u2212", "-").replace("\u2013", "-"))
    text = decimal_points(text, lenient=lenient)
    if _SYMBOL.search(text) or _INSIDE_NAME.search(text) or _FUNCTION.search(text):
        return None
    text = _SPACES.sub(" ", text)
    values = [_value(match) for match in _NUMBER.finditer(text)]
    if None in values or any(map(str.isnumeric, _NUMBER.sub("", text))):
        return None
    distinct = list(dict.fromkeys(value for value in values if value is not None))
    return None if len(distinct) == 1 and _EITHER.search(text) else distinct


def speaks_of_numbers(text: str) -> bool:
    """Whether a text contains digits or number words."""
    return any(map(str.isnumeric, text)) or _NUMBER_WORD.search(text) is not None


def _nearly(text: str) -> str:
    """The text with approximation signs as equals signs; of a root or multiple of pi its rounded value."""
    left, *sides = re.split(r"[\u2248~]", text)
    if len(sides) == 1 and _ROOT_OR_PI.search(left) and not _ALTERNATIVE.search(text):
        return sides[0]
    return "=".join((left, *sides))


def _results(text: str) -> str:
    """The results of an equation, separated by semicolons.

    "3 * 6 = 18" and "x = 18" give 18, "18 = 20" and "18 or x = 20" give both numbers. An equation with an
    unknown in a sum, such as "2x + 5 = 18", has no result and stays unchanged.
    """
    equation = _LABEL.sub("", text)
    left, *sides = equation.split("=")
    if not sides or _ALTERNATIVE.search(equation) or _FUNCTION.search(left):
        return text
    if _SYMBOL.search(left) and not any(map(_is_calculation, sides[:-1])):
        return text
    if re.search(r"\d", left) and not _OPERATOR.search(left) and not _NAME.fullmatch(left):
        return text
    return " ; ".join([*(side for side in sides[:-1] if not _OPERATOR.search(side)), sides[-1]])


def _is_calculation(side: str) -> bool:
    """Whether a side is a calculation without unknowns: 25 + 8 in "m + n = 25 + 8 = 33"."""
    return (
        re.search(r"\d", side) is not None and _OPERATOR.search(side) is not None and not _SYMBOL.search(side)
    )


def _value(match: re.Match[str]) -> Fraction | None:
    """The exact value of a match; None for more than ``MAX_DIGITS`` digits or a zero denominator."""
    part = match.groupdict("")
    whole = re.sub(r"\D", "", part["whole"]) or "0"
    if max(map(len, (whole, part["decimals"], part["mixed"], part["denominator"]))) > MAX_DIGITS:
        return None
    value = Fraction(whole + part["decimals"])
    if exponent := part["exponent"][1:]:
        if len(exponent) > MAX_EXPONENT_CHARS or abs(int(exponent)) > MAX_DIGITS:
            return None
        value *= Fraction(10) ** int(exponent)
    if part["denominator"]:
        below = Fraction(part["denominator"])
        if below == 0:
            return None
        value = value + Fraction(part["mixed"]) / below if part["mixed"] else value / below
    if part["scale"]:
        value *= SCALES[part["scale"].lower()]
    return -value if part["sign"].startswith("-") else value
