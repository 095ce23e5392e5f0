"""Uncover disguised words: digits or signs for letters ("sh1t", "sh*t"), repeated letters, accents."""

import re
from collections.abc import Iterator, Set
from unicodedata import normalize

_KINDS = bytes(97 if chr(c).isalpha() else 48 if chr(c).isdigit() else 32 for c in range(128)) + b" " * 128
SIGNS = "@$!*"
MAX_SIGNS = 5_000
"""At most this many occurrences of each sign are examined."""
AROUND = 16
MAX_INSIDE_CHARS = 32
"""Longer words are not searched for a term: keys and digests can hold any four letters by chance."""
_THREE = tuple(letter * 3 for letter in "ufckso")
"""Repeated letters of the terms that count inside words."""
_RUN = re.compile(r"([a-z])\1{2,}")
_ALIKE = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u043a\u0456\u0455\u0444\u03bf\u03bd\u0131\u00f8",
    "aeopcyxkisfovio",
)
"""Cyrillic and Greek letters that replace the Latin letters they resemble."""
_EDGE = re.compile(r"[^a-z0-9@$!*]")
_FORMULA = re.compile(r"[=+/^()\[\]`<>]|\d\*|\*\d")
"""Signs of a formula, in which an asterisk multiplies."""


def mixes(text: str) -> bool:
    """Whether a letter and a digit are neighbours; by a table, in a hundredth of a pattern's time."""
    if not text.isascii():
        return True
    kinds = text.encode("ascii").translate(_KINDS)
    return b"a0" in kinds or b"0a" in kinds


def signed(text: str) -> Iterator[str]:
    """Yield the words that contain signs."""
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


def unstretched(words: Set[str], joined: str) -> Set[str]:
    """The words with a letter three or more times in a row ("fuuuck"), with that letter once.

    ``every`` is all words as one text, for a quick test.
    """
    if not any(letter in joined for letter in _THREE):
        return set()
    return {_RUN.sub(r"\1", word) for word in words if len(word) <= MAX_INSIDE_CHARS and _RUN.search(word)}


def in_plain_letters(words: Set[str]) -> Set[str]:
    """The words with accents or look-alike letters, in plain ASCII letters."""
    foreign = " ".join(word for word in words if not word.isascii() and len(word) <= MAX_INSIDE_CHARS)
    spelled = normalize("NFKD", foreign.translate(_ALIKE)).encode("ascii", "ignore").decode("ascii")
    return set(spelled.split())
