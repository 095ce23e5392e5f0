"""Rewrite numbers that are not plain digits with a decimal point: "$2.5M", "2 dollars and 50 cents"."""

import re

_FACTORIAL = re.compile(r"\d!\s?[}$/^+=\\]|\d![-*]\s?\d")
_SHORT_SCALE = re.compile(
    r"(?P<amount>[$\u20ac\u00a3\u00a5\u20b9]\s?\d[\d,]*(?:\.\d+)?)\s?(?P<scale>[kKMB]|bn|mn)"
    r"(?=[.,;!?)\s]*(?:$|\s[a-z]{2}))"
)
_LONG_SCALES = {
    **dict.fromkeys("kK", "thousand"),
    **dict.fromkeys(("M", "mn"), "million"),
    **dict.fromkeys(("B", "bn"), "billion"),
}
_EASTERN = {
    re.compile(
        r"\u4e00(?=[\u5171\u8d77\u6837\u76f4\u5b9a\u822c])|\u5343(?=[\u514b\u7c73\u74e6\u5361])|\u767e\u5206\u4e4b(?=\d)"
    ): "",
    re.compile(r"(?:[\u8d1f\u8ca0]|\u30de\u30a4\u30ca\u30b9)(?=\d)"): "-",
    re.compile(r"(?<=\d)\s?[\u4e07\u842c\ub9cc](?!\s?\d)"): "e4",
    re.compile(r"(?<=\d)\s?[\u4ebf\u5104\uc5b5](?!\s?\d)"): "e8",
}
"""Signs beside digits in Chinese, Japanese, Korean: no numbers (removed), minus, 10,000, 100,000,000."""
_BRACKETED = re.compile(r"[(\[{]\s?[-+]?\d+,\s?\d")
_UNDERSCORED = re.compile(r"(?<=\d)_(?=\d{3}(?!\d))")
_CENTS = re.compile(
    r"(?<![\d.])(\d[\d,]*) (?:dollars?|euros?|pounds?),? (?:and )?(\d{1,2}) (?:cents?|pence)\b", re.IGNORECASE
)
_AFTER_GROUPS = re.compile(
    r"(?<![\w.,])(?P<whole>\d{1,3}(?:\.\d{3})+|\d{1,3}(?: \d{3})+|\d{1,3}(?:['\u2019]\d{3})+|0)"
    r",(?P<decimals>\d+)(?![\d,]|\.\d)"
)
_ANYWHERE = re.compile(r"(?<![\w.,(\[{])(?P<whole>\d+),(?P<decimals>\d{1,2}|\d{4,})(?![\d,]|\.\d)")


def has_factorial(text: str) -> bool:
    """Whether an exclamation mark stands within a formula; at the end of a sentence it is punctuation."""
    return _FACTORIAL.search(text) is not None


def is_list(text: str) -> bool:
    """Whether a bracket opens before numbers with a comma between them: "(3,5)" is a pair."""
    return _BRACKETED.search(text) is not None


def plain_signs(text: str) -> str:
    r"""The text with Chinese, Japanese and Korean signs as ASCII: "\u8d1f18\u4e07" becomes "-18e4"."""
    if text.isascii():
        return text
    for pattern, plain in _EASTERN.items():
        text = pattern.sub(plain, text)
    return text


def plain_amounts(text: str) -> str:
    """The text with amounts as plain numbers.

    "$2.5M" becomes "$2.5 million", "29 dollars and 50 cents" "29.50", "1_000" "1000". Without a currency
    before it, a single letter may be a unit and stays.
    """
    text = _UNDERSCORED.sub("", _CENTS.sub(lambda match: f"{match[1]}.{match[2]:0>2}", text))
    return _SHORT_SCALE.sub(lambda match: f"{match['amount']} {_LONG_SCALES[match['scale']]}", text)


def decimal_points(text: str, *, lenient: bool) -> str:
    """The text with decimal commas as points.

    A comma after a zero, or after groups of thousands, is certainly decimal. Any other comma may separate the
    items of a list and is read as decimal only if ``lenient``.
    """
    text = _AFTER_GROUPS.sub(_with_point, text)
    return _ANYWHERE.sub(_with_point, text) if lenient else text


def _with_point(match: re.Match[str]) -> str:
    return f"{re.sub(r'[^0-9]', '', match['whole'])}.{match['decimals']}"
