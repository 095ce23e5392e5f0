"""Normalise texts that look alike: compatibility forms, invisible characters, quotes, white space."""

import re
from collections.abc import Mapping
from functools import lru_cache
from unicodedata import normalize

# Zero-width, bidirectional and tag characters: invisible, so they can hide text from a reader.
INVISIBLE = frozenset(
    [
        *(0x00AD, 0x034F, 0x061C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180E, 0x3164, 0xFEFF, 0xFFA0),
        *(*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), *range(0xFE00, 0xFE10)),
        *(*range(0xE0000, 0xE0080), *range(0xE0100, 0xE01F0)),
    ]
)
_LETTER = re.compile(f"[^\\W_{''.join(map(chr, sorted(INVISIBLE)))}]")
# Pieces end before white space if possible, since no characters compose across it.
_PIECES = re.compile(r".{1,511}(?=\s|\Z)|\S{1,512}|\s", re.DOTALL)
_VISIBLE: Mapping[int, int | str | None] = dict.fromkeys(INVISIBLE)
_LOOKALIKES = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u0060\u00b4", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
    }
)
_PLAIN: Mapping[int, int | str | None] = {**_VISIBLE, **_LOOKALIKES}
# With characters beyond U+FFFF in the same class ``re`` takes ten times as long.
_HIDDEN = re.compile(f"[{''.join(chr(code) for code in sorted(_VISIBLE) if code < 0x10000)}]+")
_NOT_PLAIN = re.compile(f"[{''.join(chr(code) for code in sorted(_PLAIN) if code < 0x10000)}]+")
_TAGS = re.compile("[\U000e0000-\U000e01ef]+")


def visible(text: str) -> str:
    """NFKC without invisible characters. ASCII is returned unchanged."""
    return text if text.isascii() else _translated(_normal(text), _VISIBLE, _HIDDEN)


def has_letters(text: str) -> bool:
    """Whether a text holds a visible letter or digit."""
    return _LETTER.search(text) is not None


def folded(text: str, *, keep_case: bool = False) -> str:
    """A text for comparisons: :func:`visible`, with quotation marks, dashes, white space and case unified."""
    fold = str if keep_case else str.casefold
    text = _plain(text)
    if not text.isascii():  # only now: in many texts nothing but the quotation marks is not ASCII
        text = _normal(fold(_plain(_normal(text))))
        text = text if keep_case else text.replace("i\u0307", "i")  # lower case of the Turkish dotted capital
    return " ".join(fold(text).split())


@lru_cache(maxsize=32)
def folded_source(text: str) -> str:
    """:func:`folded`, cached, since the rollouts of a group share their documents."""
    return folded(text)


def _plain(text: str) -> str:
    """The text with uniform quotation marks and dashes, and without invisible characters."""
    if text.isascii():
        return text.replace("`", "'")
    return _translated(text, _PLAIN, _NOT_PLAIN)


def _translated(text: str, table: Mapping[int, int | str | None], first: re.Pattern[str]) -> str:
    """Translate only the runs that ``first`` and ``_TAGS`` match, which is faster than all the text."""
    for pattern in (first, _TAGS):
        text = pattern.sub(lambda run: run[0].translate(table), text)
    return text


def _normal(text: str) -> str:
    """NFKC piece by piece: on a long run of combining marks the library takes quadratic time."""
    return "".join(normalize("NFKC", piece) for piece in _PIECES.findall(text))
