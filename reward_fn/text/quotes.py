"""Where does a quote stand in a text? White space, quotation marks and case don't count; ellipses do."""

import re
from itertools import pairwise

from reward_fn.text.normalise import folded, folded_source

MIN_CHARS = 16
MIN_PART_CHARS = 12
MAX_CHARS = 20_000
MAX_GAP_CHARS = 1_000
_ELLIPSIS = re.compile(r"\[? ?(?:\. ?\. ?\.|\u2026) ?\]?")
_MARKS = ("..", ". .", "\u2026")
_EDGES = " \"'.,;:()[]"

Span = tuple[int, int]
"""Where a quote begins and ends in the folded text."""


def quote_parts(quote: str) -> tuple[str, ...]:
    """What a quote says, folded, between its ellipses; two quotes of the same parts are the same quote."""
    pieces = _ELLIPSIS.split(" ".join(quote.split())) if any(m in quote for m in _MARKS) else [quote]
    return tuple(part for piece in pieces if (part := folded(piece).strip(_EDGES)))


def find_quote(quote: str, source: str, *, min_chars: int = MIN_CHARS) -> Span | None:
    """Where ``quote`` stands in ``source``: every part between ellipses, whole words, in that order, with no
    more than ``MAX_GAP_CHARS`` between them.

    The parts together must be at least ``min_chars`` characters, after folding, and each of several at least
    ``MIN_PART_CHARS``: otherwise any "the … of" would do. Longer than ``MAX_CHARS`` never matches.
    """
    parts = quote_parts(quote) if len(quote) <= MAX_CHARS else ()
    if sum(map(len, parts)) < min_chars or (len(parts) > 1 and min(map(len, parts)) < MIN_PART_CHARS):
        return None
    text = folded_source(source)
    first = start = _find_words(text, parts[0], 0)
    for part, following in pairwise(parts):
        if start < 0:
            return None
        end = start + len(part)
        start = _find_words(text, following, end)
        if start - end > MAX_GAP_CHARS:
            return None
    return None if start < 0 else (first, start + len(parts[-1]))


def quote_stands_in(quote: str, source: str, *, min_chars: int = MIN_CHARS) -> bool:
    """Whether :func:`find_quote` finds it."""
    return find_quote(quote, source, min_chars=min_chars) is not None


def _find_words(text: str, part: str, start: int) -> int:
    """Where ``part`` stands from ``start`` on, not cut out of longer words; -1 where it does not."""
    found = text.find(part, start)
    while found >= 0 and (_joined(text, found) or _joined(text, found + len(part))):
        found = text.find(part, found + 1)
    return found


def _joined(text: str, place: int) -> bool:
    """Whether a word goes on over ``place``. Scripts that are written without spaces have no such places."""
    pair = text[place - 1 : place + 1] if place else ""
    return len(pair) == 2 and pair.isascii() and pair.isalnum()
