"""Define words, for counting and comparing in any language, in time linear in the text.

In scripts with spaces, a word is a run of letters and digits. Thai, Lao, Burmese, Khmer, Kana and Han are
written without spaces: each character is a unit, and the number of units for one English word is taken from
translations (``UNITS``). Limits and sequences in words therefore mean about the same in every language.
:func:`words` gives the units, :func:`count_words` converts units to words, :func:`units_of` words to units.
:mod:`reward_fn.text.terms` decides which phrases are whole words, with Korean particles and Hebrew and Arabic
prefixes.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache

from reward_fn.text.normalise import folded

_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
"""Thai, Lao, Burmese, Khmer, Kana and Han."""
MAX_WORD_CHARS = 32
"""A longer word counts as several, so that "hahaha…" counts as repetition."""
UNITS = (
    ("\u3400-\u9fff\uf900-\ufaff", 1.5),  # Han
    ("\u3040-\u30ff", 3.0),  # Kana
    ("\u0e00-\u0eff", 4.5),  # Thai, Lao
    ("\u1780-\u17ff", 5.0),  # Khmer
    ("\u1000-\u109f", 6.0),  # Burmese
)
"""Characters for one English word, rounded: counted in Django's catalogues (1.52 Chinese, 2.6 Japanese, which
mixes Han and Kana, 4.45 Thai, 4.9 Khmer, 6.3 Burmese) and in this project's sentences (1.3 Chinese, 2.0
Japanese)."""
_MARKS = "\u0300-\u036f\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0963\u0966-\u0dff"
"""Combining signs, which belong to the letters beside them: accents, vowel points, Indic vowels."""

_LETTER = rf"[^\W_{_UNSPACED}]"
_WORD = rf"[{_UNSPACED}]|{_LETTER}+(?:[{_MARKS}]+{_LETTER}*)*"  # never backtracks
_WIDE = "[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]"
"""Kana, Han and Hangul, where a character is a syllable or a word, unlike a letter of Thai."""
_WIDE_LETTERS = 3
_IS_UNSPACED = f"[{_UNSPACED}]"
_APOSTROPHES = re.compile("['\u2019]")
_SPACES = bytes(code if code < 128 and chr(code).isalnum() else 32 for code in range(256))


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Compiled at first use: each class takes 2 ms, and most texts, and a cold start, need none."""
    return re.compile(pattern)


def words(text: str) -> list[str]:
    """Runs of letters and digits, in order; "don't" is one word, "well-known" two. Case is preserved."""
    if text.isascii():
        return ascii_runs(text.replace("'", ""))
    return _compiled(_WORD).findall(_APOSTROPHES.sub("", text))


def short_units(text: str) -> list[str]:
    """The units of a text, split into pieces of at most ``MAX_WORD_CHARS`` characters."""
    units = words(text)
    if max(map(len, units), default=0) > MAX_WORD_CHARS:
        return [word[i : i + MAX_WORD_CHARS] for word in units for i in range(0, len(word), MAX_WORD_CHARS)]
    return units


def ngrams(units: Sequence[str], length: int) -> Iterator[tuple[str, ...]]:
    """Every run of ``length`` neighbouring units, in order; none if there are fewer units."""
    return zip(*(units[start:] for start in range(length)), strict=False)


def count_words(text: str) -> int:
    """The number of words in a text; a character of a script without spaces counts in part, see ``UNITS``."""
    return round(_size(text, len(words(text))))


def units_of(count: int, text: str) -> int:
    """The average number of units in this text that correspond to ``count`` words, at least 1."""
    units = 0 if text.isascii() else len(words(text))
    return max(1, round(count * units / _size(text, units))) if units else count


def _size(text: str, units: int) -> float:
    """The number of words that correspond to ``units`` units of a text."""
    if text.isascii() or not _compiled(_IS_UNSPACED).search(text):
        return units
    counts = ((len(_compiled(f"[{characters}]").findall(text)), chars) for characters, chars in UNITS)
    return units - sum(count * (1 - 1 / chars) for count, chars in counts)


def ascii_runs(text: str) -> list[str]:
    """The runs of letters and digits of an ASCII text; by a table, which is much faster than a pattern."""
    return text.encode("ascii").translate(_SPACES).decode("ascii").split()


def is_unspaced(character: str) -> bool:
    """Whether the character's script is written without spaces, so that words may start and end beside it."""
    return _compiled(_IS_UNSPACED).match(character) is not None


def has_length(text: str, least: int) -> bool:
    """Whether a text has ``least`` characters; one of Chinese, Japanese or Korean counts as three."""
    if len(text) >= least or text.isascii():
        return len(text) >= least
    return len(text) + (_WIDE_LETTERS - 1) * len(_compiled(_WIDE).findall(text)) >= least


def word_counts(text: str) -> Counter[str]:
    """How often each word occurs in a text; case, accents' encoding and invisible characters are ignored."""
    return Counter(words(folded(text)))


def overlap(one: Counter[str], other: Counter[str]) -> float:
    """F1 of the words of two texts, in [0, 1]: 2 * shared / (words of one + words of the other).

    ``shared`` counts each word as often as both texts have it. The result is 0 if either text has no words.
    """
    shared = sum(min(count, other[word]) for word, count in one.items() if word in other)
    return 2 * shared / (one.total() + other.total()) if shared else 0.0
