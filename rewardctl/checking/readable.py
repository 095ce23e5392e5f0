"""The rollouts of a data set for a check of its paths. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from reward_fn.event.parse import parse_rows
from reward_fn.types.rollout import Rejected, Rollout
from reward_fn.types.unscored import Reason
from rewardctl.data import Problem, Row


class DataRow(NamedTuple):
    """A rollout and its line; ``is_answered`` is False if the row has no response: an empty one stands in."""

    line: int
    rollout: Rollout
    is_answered: bool


class Readable(NamedTuple):
    """The rows that can be read, and those that can't, with the reason in words."""

    rows: list[DataRow]
    problems: list[tuple[int, str]]


def readable(read: Iterable[Row | Problem]) -> Readable:
    """The rollouts of all rows. Rows without a response get an empty one, so their paths can be tried."""
    result = Readable([], [])
    for row in read:
        entry = row.detail if isinstance(row, Problem) else _entry(row)
        if isinstance(entry, str):
            result.problems.append((row.line, entry))
        else:
            result.rows.append(entry)
    return result


def _entry(row: Row) -> DataRow | str:
    (entry,) = parse_rows([row.value])
    if isinstance(entry, Rollout):
        return DataRow(row.line, entry, is_answered=True)
    if entry.reason is Reason.NO_RESPONSE and isinstance(row.value, dict):
        (with_answer,) = parse_rows([_with_empty_answer(row.value)])
        if isinstance(with_answer, Rollout):
            return DataRow(row.line, with_answer, is_answered=False)
    return _words(entry)


def _with_empty_answer(row: Mapping[str, Any]) -> dict[str, Any]:
    turns = row.get("messages")
    if isinstance(turns, list):
        return {**row, "messages": [*turns, {"role": "assistant", "content": ""}]}
    return {**row, "response": ""}


def _words(entry: Rejected) -> str:
    return entry.detail.removeprefix(f"row {entry.index}").lstrip(": ")
