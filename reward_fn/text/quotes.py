"""Does a quote stand in a text? White space, quotation marks and case don't count; ellipses do."""

import re

from reward_fn.text.normalise import folded, folded_source

MIN_CHARS = 12
MAX_CHARS = 20_000
_ELLIPSIS = re.compile(r"\[? ?(?:\. ?\. ?\.|\u2026) ?\]?")
_MARKS = ("..", ". .", "\u2026")
_EDGES = " \"'.,;:()[]"


def quote_parts(quote: str) -> tuple[str, ...]:
    """What a quote says, folded, between its ellipses; two quotes of the same parts are the same quote."""
    pieces = _ELLIPSIS.split(" ".join(quote.split())) if any(m in quote for m in _MARKS) else [quote]
    return tuple(part for piece in pieces if (part := folded(piece).strip(_EDGES)))


def quote_stands_in(quote: str, source: str, *, min_chars: int = MIN_CHARS) -> bool:
    """Whether every part of ``quote`` between ellipses stands in ``source``, in that order.

    The parts together must be at least ``min_chars`` characters, after folding, and each at least a third
    of that: otherwise any "the … of" would do. Longer than ``MAX_CHARS`` never matches.
    """
    return len(quote) <= MAX_CHARS and parts_stand_in(quote_parts(quote), source, min_chars=min_chars)


def parts_stand_in(parts: tuple[str, ...], source: str, *, min_chars: int) -> bool:
    """:func:`quote_stands_in` for a quote that is in parts already."""
    if sum(map(len, parts)) < min_chars or any(3 * len(part) < min_chars for part in parts):
        return False
    text, position = folded_source(source), 0
    for part in parts:
        found = text.find(part, position)
        if found < 0:
            return False
        position = found + len(part)
    return True
