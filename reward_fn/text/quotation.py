"""Patterns of passages in quotation marks."""

from collections.abc import Sequence

from reward_fn.text.lazy import lazy

MIN_QUOTE_CHARS, MAX_QUOTE_CHARS = 12, 2000
"""Shorter passages are single words in quotation marks. Longer ones begin or end at a stray mark."""


def quoted(marks: Sequence[str], min_chars: int, max_chars: int) -> str:
    """The pattern of a passage on one line in quotation marks.

    Each of ``marks`` is an opening and a closing mark. The passage has ``min_chars`` to ``max_chars``
    characters, none of them one of its two marks.
    """
    return "|".join(f"{pair[0]}[^{pair}\n]{{{min_chars},{max_chars}}}{pair[1]}" for pair in marks)


QUOTATION = lazy(
    quoted(('""', "\u201c\u201d", "\u201e\u201c", "\u00ab\u00bb"), MIN_QUOTE_CHARS, MAX_QUOTE_CHARS)
)
"""A quoted passage in straight, English or German quotation marks, or in guillemets."""
