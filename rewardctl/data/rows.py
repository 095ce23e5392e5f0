"""The rows in a line: a row in any form that the function takes, or an event with several rows."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from reward_fn.errors import EventError
from reward_fn.event.foreign_rows import ROLLOUT_REQUEST, is_rollout_request
from reward_fn.event.request import read_request
from rewardctl.data.lines import MAX_LINE_BYTES, Line, lines_of
from rewardctl.data.other_forms import CONVERT, name_of_form

MAX_KEYS_NAMED = 12
MAX_KEY_CHARS = 40


class Row(NamedTuple):
    """One row as sent, with an id, and the number of its line.

    ``default_id`` stands for an id that is missing or can't be written as JSON: ``missing-<n>``, where n
    counts lines from 0 as the function counts rows, with ``.1`` and so on for later rows of a line.
    """

    line: int
    value: Any
    default_id: str = ""


class Problem(NamedTuple):
    """A line without a row that can be scored: its number, a reason for machines, and words for people."""

    line: int
    reason: str
    detail: str


def rows_of(source: str) -> Iterator[Row | Problem]:
    """All rows of a source. Raises DataError."""
    for line in lines_of(source):
        yield from rows_in(line)


def rows_in(line: Line) -> list[Row | Problem]:
    """The rows of one line, or the one reason why it holds none."""
    if len(line.content) >= MAX_LINE_BYTES:
        return [Problem(line.number, "too_long", f"longer than {MAX_LINE_BYTES:,} bytes; split it")]
    try:
        value = json.loads(line.content)
    except UnicodeDecodeError:
        return [Problem(line.number, "encoding", "not UTF-8; write the file as UTF-8")]
    except (ValueError, RecursionError) as error:
        return [Problem(line.number, "not_json", f"not JSON: {error}")]
    if is_record(value):
        return [_row_of_record(value, line.number)]
    try:
        values = [value] if line.is_row or _is_row(value) else _rows_of_event(value)
    except EventError as error:
        return [Problem(line.number, "no_row", _without_row(value) or str(error))]
    if not values:
        return [Problem(line.number, "no_row", "an event without rows")]
    return [_row(each, line.number, place) for place, each in enumerate(values)]


def is_record(value: Any) -> bool:
    """Whether a JSON value is a record of a run or a trace, which holds its row."""
    return isinstance(value, dict) and isinstance(value.get("trace"), int) and "row" in value


def _row_of_record(record: Mapping[str, Any], number: int) -> Row | Problem:
    """The row that was scored, under the line that it had then; a trace has the line in its object."""
    line = record.get("line")
    line = line if isinstance(line, int) and not isinstance(line, bool) else number
    if not isinstance(record["row"], dict):
        return Problem(
            line, "rejected", "the record holds no row, since it could not be read when it was scored"
        )
    return _row(record["row"], line, 0)


def _is_row(value: Any) -> bool:
    """Whether a value is a row, or nothing that could hold one: such a row is rejected when it is scored."""
    if isinstance(value, dict):
        return "messages" in value or "prompt" in value or bool(name_of_form(value))
    return not isinstance(value, str | list)


def _rows_of_event(value: Any) -> Sequence[Any]:
    """The rows of an event. A list of rollout requests has rows too: each becomes a problem of its own."""
    return value if isinstance(value, list) else read_request(value).rows


def _row(value: Any, number: int, place: int) -> Row | Problem:
    if isinstance(value, dict) and (form := _other_form(value)):
        return Problem(number, "other_form", form)
    default = f"missing-{number - 1}" + (f".{place}" if place else "")
    if isinstance(value, dict) and value.get("id") is None:
        value = {**value, "id": default}
    return Row(number, value, default)


def _other_form(row: Mapping[str, Any]) -> str:
    return ROLLOUT_REQUEST if is_rollout_request(row) else name_of_form(row)


def _without_row(value: Any) -> str:
    """Words for an object that is neither a row nor an event."""
    if not isinstance(value, dict):
        return ""
    names = [key[:MAX_KEY_CHARS] for key in list(value)[:MAX_KEYS_NAMED]]
    return f"an object with the keys {', '.join(names) or '(none)'}, which is no rollout: {CONVERT}"
