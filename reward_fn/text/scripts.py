"""The script of a text and the languages written in it, which identify the language of many short texts."""

import re
from collections.abc import Iterable
from functools import cache

MIN_LETTERS = 6
"""The fewest letters that identify a script; a shorter text may be a name quoted in its own script."""
READ_CHARS = 240
_LETTERS = re.compile(r"[^\W\d_]+")

SCRIPTS = """
    0370 03FF el
    1F00 1FFF el
    0400 052F ru uk bg sr mk be kk ky mn tg tt
    0530 058F hy
    0590 05FF he yi
    0600 06FF ar fa ur ps ug sd ku az
    0900 097F hi mr ne sa
    0980 09FF bn as
    0A00 0A7F pa
    0A80 0AFF gu
    0B80 0BFF ta
    0C00 0C7F te
    0C80 0CFF kn
    0D00 0D7F ml
    0D80 0DFF si
    0E00 0E7F th
    0E80 0EFF lo
    1000 109F my
    10A0 10FF ka
    1200 137F am
    1780 17FF km
    3040 30FF ja
    3400 9FFF zh ja
    AC00 D7AF ko
"""
"""Scripts: the first and last code point in hexadecimal, and the languages written in them."""


def by_script(text: str, among: Iterable[str] = ()) -> str:
    """A language of the script that most letters have: one of ``among`` if possible, else the most likely.

    "" for Latin, which most languages share, and for fewer than ``MIN_LETTERS`` letters.
    """
    codes = script_codes(text)
    return next((code for code in among if code in codes), codes[0]) if codes else ""


def script_codes(text: str, least: int = MIN_LETTERS) -> tuple[str, ...]:
    """The languages of the script that most letters have; () for Latin or fewer than ``least`` letters."""
    counts: dict[tuple[str, ...], int] = {}
    for run in _LETTERS.findall(text[:READ_CHARS]):
        for letter in run:
            codes = next((codes for first, last, codes in _scripts() if first <= letter <= last), ())
            counts[codes] = counts.get(codes, 0) + 1
    if sum(counts.values()) < least:
        return ()
    if ("ja",) in counts and ("zh", "ja") in counts:  # Han beside Kana are Japanese
        counts[("ja",)] += counts.pop(("zh", "ja"))
    return max(counts, key=lambda codes: counts[codes])


@cache
def _scripts() -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """The first and last character of each script, with its languages."""
    entries = (line.split() for line in SCRIPTS.strip().splitlines())
    return tuple((chr(int(a, 16)), chr(int(b, 16)), tuple(codes)) for a, b, *codes in entries)
