"""Numbers as people and models write them, read exactly or not at all."""

import re
from fractions import Fraction
from unicodedata import normalize

MAX_DIGITS = 40
MAX_SPAN_CHARS = 500
SCALES = {
    "hundred": 10**2,
    "thousand": 10**3,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
}

# What makes a number another one than its digits say, or no commitment to it, in ways that are not read here.
_UNREADABLE = re.compile(
    r"\d\s*[\u00b2\u00b3\u00b9\u2070-\u209f]"  # superscripts and subscripts
    r"|\d\s*(?-i:k|K|M|B|bn|mn)\b"  # 18k: a thousand or a unit
    r"|\d\+|[<>?\u221a\u03c0\u2260\u2264\u2265\u2248~]|\\(?:neq?|leq?|geq?|lt|gt|approx|sqrt|pi)\b"
    r"|\b(?:not|but|neither|nor|(?:more|less|fewer|other) than|at (?:least|most)|up to)\b"
    r"|\b(?:half|double|twice|triple|squared|cubed|minus|negative|log|ln|root|dozens?|lakhs?|crores?)\b"
    r"|\b(?:thirds?|quarters?|fifths?|sixths?|eighths?|tenths?) of\b(?![^=]*=)"
    r"|(?<!\d )\b(?:hundred|thousand|million|billion|trillion)s?\b"
    r"|\b(?:if|wrong|incorrect|(?:ten|hundred|thousand|million)ths?)\b"
    r"|\w+n't\b"
    r"|\band (?:a|one|two|three)[ -](?:half|halves|thirds?|quarters?|fifths?|eighths?|tenths?)\b",
    re.IGNORECASE,
)
_NUMBER_WORD = re.compile(
    r"\b(?:two|three|four(?:teen)?|five|six(?:teen)?|seven(?:teen)?|eight(?:een)?|nine(?:teen)?|ten|eleven"
    r"|twelve|thirteen|fifteen|(?:twen|thir|for|fif|six|seven|eigh|nine)ty)\b",
    re.IGNORECASE,
)
_EITHER = re.compile(r"\b(?:or|either|alternatively)\b", re.IGNORECASE)
_CALCULATOR = re.compile(r"<<[^<>]{0,200}>>")
_LABEL = re.compile(r"^[^\d:=]*:\s")
_RAISED = re.compile(r"[\u00b2\u00b3\u00b9\u2070-\u209f]")
_VULGAR = re.compile(r"(?<=\d)(?=[\u00bc-\u00be\u2150-\u215e])")
_LATEX = (
    (re.compile(r"\\[dt]?frac\s?\{([^{}]{1,60})\}\s?\{([^{}]{1,60})\}"), r" \1/\2"),
    (re.compile(r"\\(?:text|mathrm|mathbf|textbf|boxed|fbox)\s?\{"), " "),
    (re.compile(r"\\,(?=\d{3})|\{,\}(?=\d{3})"), ","),
    (
        re.compile(r"\\[,!;: ()\[\]]|[{}$*`\u20ac\u00a3]|\\(?=[$%])"),
        " ",
    ),  # a space, lest two numbers become one
    (re.compile(r"\s+"), " "),
)
_DIGITS = r"(?:\d{1,3}(?:,\d{3})+(?![\d,]*,\d)|\d{1,3}(?: \d{3})+(?!\d)|\d+)"
_NUMBER = re.compile(
    rf"(?<![\w.])(?P<sign>[-+] ?)?(?=\.?\d)(?P<whole>{_DIGITS})?(?P<decimals>\.\d+)?(?P<exponent>e[-+]?\d+)?"
    rf"(?:(?P<mixed> \d+)? ?/ ?(?P<denominator>\d+(?:\.\d+)?))?"
    rf"(?: (?P<scale>{'|'.join(SCALES)})\b)?",
    re.IGNORECASE,
)
_OPERATOR = re.compile(r"[+*/\u00d7\u00f7^(]|\d\s*-\s*\d|\\times|\\cdot|\\div")
_ALTERNATIVE = re.compile(r"[,;:]\s|\b(?:or|and|if|not|either|vs|versus|maybe|then|to|but)\b", re.IGNORECASE)


def numbers_in(span: str) -> list[Fraction] | None:
    """The distinct numbers of a short text, in order of appearance.

    Thousands separators, signs, decimals, fractions (3/4, 1 1/2, \\frac{3}{4}), scale words and units are
    understood, and GSM8K's calculator marks passed over. Of a sum that is worked out, only what it comes to
    counts. None where the text does not commit to its numbers, is longer than ``MAX_SPAN_CHARS``, or holds a
    digit that is not part of a number read here: better no reading than a wrong one.
    """
    if len(span) > MAX_SPAN_CHARS:
        return None
    text = _CALCULATOR.sub(" ", span)
    digits = any(map(str.isnumeric, text))
    if digits and (_UNREADABLE.search(text) or _NUMBER_WORD.search(text)):
        return None
    text = normalize("NFKC", _RAISED.sub(" ", _VULGAR.sub(" ", text))).replace("\u2044", "/")
    text = _results(text.replace("\u2212", "-").replace("\u2013", "-"))
    for pattern, plain in _LATEX:
        text = pattern.sub(plain, text)
    values = [_value(match) for match in _NUMBER.finditer(text)]
    if None in values or any(map(str.isnumeric, _NUMBER.sub("", text))):
        return None
    distinct = list(dict.fromkeys(value for value in values if value is not None))
    return None if len(distinct) == 1 and _EITHER.search(text) else distinct


def speaks_of_numbers(text: str) -> bool:
    """Whether digits or the words for numbers stand in a text."""
    return any(map(str.isnumeric, text)) or _NUMBER_WORD.search(text) is not None


def _results(text: str) -> str:
    """What an equation comes to: "3 * 6 = 18" and "x = 18" say 18; "18 = 20" and "18 or x = 20" say both."""
    left, *sides = _LABEL.sub("", text).split("=")
    if (
        not sides
        or _ALTERNATIVE.search("=".join((left, *sides)))
        or (re.search(r"\d", left) and not _OPERATOR.search(left))
    ):
        return text
    return " ; ".join([*(side for side in sides[:-1] if not _OPERATOR.search(side)), sides[-1]])


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
