"""Where the values of a JSON text stand in it, as (start, end) in characters."""

import json
import re
from collections.abc import Mapping

_SPACE = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()

Span = tuple[int, int]


def member_spans(text: str, start: int) -> Mapping[str, Span]:
    """The span of each value in the object that begins at ``start``, by key; {} if none begins there."""
    spans: dict[str, Span] = {}
    place = _after(text, start, "{")
    try:
        while place >= 0 and text[place : place + 1] == '"':
            key, place = _DECODER.raw_decode(text, place)
            value = _after(text, place, ":")
            if value < 0:
                break
            _, end = _DECODER.raw_decode(text, value)
            spans[key] = (value, end)
            place = _after(text, end, ",")
    except (ValueError, RecursionError):  # what was read so far stands
        pass
    return spans


def element_spans(text: str, start: int) -> list[Span]:
    """The span of each element in the list that begins at ``start``, in order; [] if none begins there."""
    spans: list[Span] = []
    place = _after(text, start, "[")
    try:
        while place >= 0 and text[place : place + 1] not in ("]", ""):
            _, end = _DECODER.raw_decode(text, place)
            spans.append((place, end))
            place = _after(text, end, ",")
    except (ValueError, RecursionError):
        pass
    return spans


def inside(text: str, span: Span) -> Span:
    """The span of a string without its quotation marks; any other span unchanged."""
    start, end = span
    return (start + 1, end - 1) if text[start:start + 1] == '"' and end - start > 2 else span  # fmt: skip


def _after(text: str, place: int, sign: str) -> int:
    """The first place with text after white space and ``sign``; -1 if the sign does not follow."""
    place = _skipped(text, place)
    return _skipped(text, place + 1) if text[place : place + 1] == sign else -1


def _skipped(text: str, place: int) -> int:
    match = _SPACE.match(text, place)
    return match.end() if match else place
