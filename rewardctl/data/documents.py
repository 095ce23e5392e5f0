"""A JSON document that holds all rows: an event as a trainer sends it, on one line or on many."""

import json
from collections.abc import Sequence
from typing import Any

from reward_fn.errors import EventError
from reward_fn.event.request import read_request

_OPEN_ENDS = (b"{", b"[", b",", b":")


def is_document(first: bytes, second: bytes | None) -> bool:
    """Whether lines are one JSON document, by the first two that are not blank.

    A single line is a document if it is JSON. Of several lines the first must be the beginning of a value,
    and the second must not be a value of its own, as it is after a broken line of JSON Lines.
    """
    if second is None:
        return _value(first) is not None
    text = first.strip()
    if text in (b"{", b"["):
        return True
    return text.endswith(_OPEN_ENDS) and _value(first) is None and _value(second) is None


def document_rows(text: bytes) -> Sequence[bytes] | None:
    """The rows of an event, each as JSON; None if the document holds no batch. Raises ValueError."""
    rows = _rows(json.loads(text))
    return None if rows is None else [json.dumps(row).encode("ascii") for row in rows]


def _rows(value: Any) -> Sequence[Any] | None:
    if isinstance(value, list):
        return value
    if isinstance(value, dict) and "messages" in value:
        return [value]
    try:
        return read_request(value).rows
    except EventError:  # named when the line is read
        return None


def _value(line: bytes) -> Any:
    """The JSON value of a line, None if it is not JSON."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None
