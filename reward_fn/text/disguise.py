"""Where letters may be written as digits or signs, so that a word hides: "sh1t", "sh*t"."""

import re
from collections.abc import Iterator

_KINDS = bytes(97 if chr(c).isalpha() else 48 if chr(c).isdigit() else 32 for c in range(128)) + b" " * 128
SIGNS = "@$!*"
MAX_SIGNS = 5_000
"""Of each sign no more are looked at."""
AROUND = 16
_EDGE = re.compile(r"[^a-z0-9@$!*]")
_FORMULA = re.compile(r"[=+/^()\[\]`<>]|\d\*|\*\d")
"""Near an asterisk: it multiplies."""


def mixes(text: str) -> bool:
    """Whether a letter and a digit stand side by side; by a table, at a hundredth of a pattern's time."""
    if not text.isascii():
        return True
    kinds = text.encode("ascii").translate(_KINDS)
    return b"a0" in kinds or b"0a" in kinds


def signed(text: str) -> Iterator[str]:
    """The words with signs in them."""
    for sign in SIGNS:
        place = text.find(sign)
        for _ in range(MAX_SIGNS):
            if place < 0:
                break
            if text[place - 1 : place].isalpha() or text[place + 1 : place + 2].isalpha():
                before = _EDGE.split(text[max(0, place - AROUND) : place])[-1]
                after = _EDGE.split(text[place : place + AROUND], maxsplit=1)[0]
                if sign != "*" or not _FORMULA.search(text[max(0, place - AROUND) : place + AROUND]):
                    yield (before + after).strip("!*")
            place = text.find(sign, place + 1)
