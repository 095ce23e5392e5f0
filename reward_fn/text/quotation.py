"""Passages in quotation marks: what a text says in somebody else's words."""

from collections.abc import Sequence

from reward_fn.text.lazy import lazy

MIN_QUOTE_CHARS, MAX_QUOTE_CHARS = 12, 2000
"""Shorter ones are single words in quotation marks; a longer distance between two marks is a stray one."""


def quoted(marks: Sequence[str], min_chars: int, max_chars: int) -> str:
    """Pattern of a passage on one line in quotation marks; each of ``marks`` is an opening and a closing one.

    The passage has ``min_chars`` to ``max_chars`` characters, none of them one of its two marks.
    """
    return "|".join(f"{pair[0]}[^{pair}\n]{{{min_chars},{max_chars}}}{pair[1]}" for pair in marks)


QUOTATION = lazy(
    quoted(('""', "\u201c\u201d", "\u201e\u201c", "\u00ab\u00bb"), MIN_QUOTE_CHARS, MAX_QUOTE_CHARS)
)
"""A passage of one text in another: straight, English and German quotation marks, and guillemets."""
