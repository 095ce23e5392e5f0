"""One form for texts that look the same: compatibility forms, invisible characters, quotes, white space."""

import re
from functools import lru_cache
from unicodedata import normalize

# Zero-width, bidirectional and tag characters: invisible, and a way to hide text from a reader.
INVISIBLE = frozenset(
    [
        *(0x00AD, 0x034F, 0x061C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180E, 0x3164, 0xFEFF, 0xFFA0),
        *(*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), *range(0xFE00, 0xFE10)),
        *(*range(0xE0000, 0xE0080), *range(0xE0100, 0xE01F0)),
    ]
)
_PIECES = re.compile(r"\s+|\S{1,512}")
_VISIBLE = dict.fromkeys(INVISIBLE)
_LOOKALIKES = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u0060\u00b4", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
    }
)


def visible(text: str) -> str:
    """NFKC without invisible characters. Plain ASCII comes back as it is."""
    return text if text.isascii() else _normal(text).translate(_VISIBLE)


def folded(text: str) -> str:
    """For comparing: :func:`visible`, quotation marks and dashes alike, case and white space folded."""
    if not text.isascii():
        text = _normal(visible(text.translate(_LOOKALIKES)).translate(_LOOKALIKES).casefold())
    return " ".join(text.casefold().split())


@lru_cache(maxsize=32)
def folded_source(text: str) -> str:
    """:func:`folded`, remembered: the rollouts of a group share their documents."""
    return folded(text)


def _normal(text: str) -> str:
    """NFKC piece by piece: over a long run of combining marks the library takes time squared."""
    return "".join(normalize("NFKC", piece) for piece in _PIECES.findall(text))
