"""Does a quote stand in a text? White space, quotation marks and case don't count; ellipses do."""

import re

from reward_fn.text.normalise import folded, folded_source

MIN_CHARS = 12
MAX_CHARS = 20_000
_ELLIPSIS = re.compile(r"\[? ?(?:\. ?\. ?\.|\u2026) ?\]?")
_MARKS = ("..", ". .", "\u2026")
_EDGES = " \"'.,;:()[]"


def quote_stands_in(quote: str, source: str, *, min_chars: int = MIN_CHARS) -> bool:
    """Whether every part of ``quote`` between ellipses stands in ``source``, in that order.

    The parts together must be at least ``min_chars`` characters, after folding, and each at least a third
    of that: otherwise any "the … of" would do. Longer than ``MAX_CHARS`` never matches.
    """
    if len(quote) > MAX_CHARS:
        return False
    pieces = _ELLIPSIS.split(" ".join(quote.split())) if any(m in quote for m in _MARKS) else [quote]
    parts = [part for piece in pieces if (part := folded(piece).strip(_EDGES))]
    if sum(map(len, parts)) < min_chars or any(3 * len(part) < min_chars for part in parts):
        return False
    text, position = folded_source(source), 0
    for part in parts:
        found = text.find(part, position)
        if found < 0:
            return False
        position = found + len(part)
    return True
