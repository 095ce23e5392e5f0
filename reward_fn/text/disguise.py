"""Where a word hides: letters written as digits or signs ("sh1t", "sh*t"), stretched, or with accents."""

import re
from collections.abc import Iterator, Set
from unicodedata import normalize

_KINDS = bytes(97 if chr(c).isalpha() else 48 if chr(c).isdigit() else 32 for c in range(128)) + b" " * 128
SIGNS = "@$!*"
MAX_SIGNS = 5_000
"""Of each sign no more are looked at."""
AROUND = 16
MAX_INSIDE_CHARS = 32
"""No word is longer in which a term stands inside: a key or a digest holds any four letters some day."""
_THREE = tuple(letter * 3 for letter in "ufckso")
"""The letters of the terms that count inside words, where they are stretched."""
_RUN = re.compile(r"([a-z])\1{2,}")
_ALIKE = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u043a\u0456\u0455\u0444\u03bf\u03bd\u0131\u00f8",
    "aeopcyxkisfovio",
)
"""Cyrillic and Greek letters that are put for the Latin ones beside them."""
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


def unstretched(words: Set[str], every: str) -> Set[str]:
    """The words in which a letter stands three times and more in a row, with one of it: "fuuuck"."""
    if not any(letter in every for letter in _THREE):
        return set()
    return {_RUN.sub(r"\1", word) for word in words if len(word) <= MAX_INSIDE_CHARS and _RUN.search(word)}


def in_plain_letters(words: Set[str]) -> Set[str]:
    """The words with accents or letters of other alphabets for those of English, in its letters."""
    foreign = " ".join(word for word in words if not word.isascii() and len(word) <= MAX_INSIDE_CHARS)
    spelled = normalize("NFKD", foreign.translate(_ALIKE)).encode("ascii", "ignore").decode("ascii")
    return set(spelled.split())
