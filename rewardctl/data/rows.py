"""The rows in a line: a row in any form that the function takes, or an event with several rows."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from reward_fn.errors import EventError
from reward_fn.event.request import read_request
from rewardctl.data.lines import Line, lines_of
from rewardctl.data.other_forms import CONVERT, name_of_form

MAX_KEYS_NAMED = 12


class Row(NamedTuple):
    """One row as sent, with an id, and the number of its line."""

    line: int
    value: Any


class Problem(NamedTuple):
    """A line without a row that can be scored: its number, a reason for machines, and words for people."""

    line: int
    reason: str
    detail: str


def rows_of(source: str) -> Iterator[Row | Problem]:
    """All rows of a source. Raises DataError."""
    for line in lines_of(source):
        yield from rows_in(line)


def rows_in(line: Line) -> list[Row] | list[Problem]:
    """The rows of one line, or the one reason why it holds none.

    A row without an id gets ``missing-<n>``, where n counts lines from 0: the id that the function gives it.
    """
    try:
        value = json.loads(line.content)
    except UnicodeDecodeError:
        return [Problem(line.number, "encoding", "not UTF-8; write the file as UTF-8")]
    except (ValueError, RecursionError) as error:
        return [Problem(line.number, "not_json", f"not JSON: {error}")]
    if isinstance(value, dict) and (form := name_of_form(value)):
        return [Problem(line.number, "other_form", form)]
    try:
        rows = [value] if _is_row(value) else list(read_request(value).rows)
    except EventError as error:
        return [Problem(line.number, "no_row", _without_row(value) or str(error))]
    if not rows:
        return [Problem(line.number, "no_row", "an event without rows")]
    return [Row(line.number, _with_id(row, line.number, place)) for place, row in enumerate(rows)]


def _is_row(value: Any) -> bool:
    """Whether a value is a row, or nothing that could hold one: such a row is rejected when it is scored."""
    if isinstance(value, dict):
        return "messages" in value or "prompt" in value
    return not isinstance(value, str | list)


def _without_row(value: Any) -> str:
    """Words for an object that is neither a row nor an event."""
    if not isinstance(value, dict):
        return ""
    keys = ", ".join(list(map(str, value))[:MAX_KEYS_NAMED])
    return f"an object with the keys {keys or '(none)'}, which is no rollout: {CONVERT}"


def _with_id(row: Any, number: int, place: int) -> Any:
    if not isinstance(row, Mapping) or row.get("id") is not None:
        return row
    later = f".{place}" if place else ""
    return {**row, "id": f"missing-{number - 1}{later}"}
