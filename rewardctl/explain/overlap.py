"""Marks that don't overlap, and the pieces of text between them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import get_args

from rewardctl.explain.parts import Mark, MarkedText, MarkKind, Segment

_RANK = {kind: rank for rank, kind in enumerate(get_args(MarkKind))}


def marked_text(text: str, marks: Sequence[Mark]) -> MarkedText:
    """The text with its marks, numbered from 1 in the order in which they begin.

    Where marks overlap, the more important kind is shown, then the longer one; the rest of the other stays,
    in several parts if need be. A mark that is covered altogether gives its ``why`` to the covering one.
    """
    kept: list[Mark] = []
    by_rank = sorted(marks, key=lambda m: (_RANK[m.kind], m.start - m.end, m.start))
    for token, mark in enumerate(by_rank):
        if not 0 <= mark.start < mark.end <= len(text):
            continue
        parts = list(_left(mark, kept))
        if parts:
            kept += [replace(mark, start=start, end=end, number=token) for start, end in parts]
        else:
            _give_reason(mark, kept)
    kept.sort(key=lambda mark: mark.start)
    tokens = dict.fromkeys(mark.number for mark in kept)
    numbers = {token: place for place, token in enumerate(tokens, 1)}
    numbered = tuple(replace(mark, number=numbers[mark.number]) for mark in kept)
    return MarkedText(text, numbered, tuple(_segments(text, numbered)))


def _left(mark: Mark, kept: Sequence[Mark]) -> Iterator[tuple[int, int]]:
    """The spans of a mark that no kept mark covers."""
    start = mark.start
    for other in sorted(kept, key=lambda m: m.start):
        if other.end <= start or other.start >= mark.end:
            continue
        if start < other.start:
            yield start, other.start
        start = other.end
    if start < mark.end:
        yield start, mark.end


def _give_reason(mark: Mark, kept: list[Mark]) -> None:
    """Add the reason of a covered mark to all parts of the first mark that covers it."""
    cover = next(other for other in kept if other.start < mark.end and mark.start < other.end)
    if mark.why in cover.why.split("; "):
        return
    for place, other in enumerate(kept):
        if other.number == cover.number:
            kept[place] = replace(other, why=f"{other.why}; {mark.why}")


def _segments(text: str, marks: Sequence[Mark]) -> Iterator[Segment]:
    start = 0
    for mark in marks:
        if start < mark.start:
            yield Segment(text[start : mark.start])
        yield Segment(text[mark.start : mark.end], mark)
        start = mark.end
    if start < len(text):
        yield Segment(text[start:])
