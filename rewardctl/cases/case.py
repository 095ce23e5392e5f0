"""One case: rows, and what their rewards must be. Pure. docs/own_definitions.md documents the form."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from rewardctl.labels.label import id_key

SINGLE = "row"
"""The id of the row of a case with one row that has no id of its own."""
KEYS = ("name", "why", "row", "rows", "data", "verdicts", "expect", "better", "worse")
EQUAL_WITHIN = 1e-6
"""Rewards are equal if they differ by no more than this, so that a case can hold six decimal places."""

_BOUND = re.compile(r"(>=|<=|>|<|==|=)?\s*(-?\d+(?:\.\d+)?)")


class CaseError(Exception):
    """A case, or a file of cases, can't be used. The message names the line and the remedy."""


class Bound(NamedTuple):
    """What a reward must be: one of ``>= > <= < ==`` a value."""

    sign: str
    value: float

    def holds(self, reward: float) -> bool:
        """Whether a reward is within the bound."""
        difference = reward - self.value
        return {
            ">=": difference >= -EQUAL_WITHIN,
            "<=": difference <= EQUAL_WITHIN,
            ">": difference > EQUAL_WITHIN,
            "<": difference < -EQUAL_WITHIN,
            "==": abs(difference) <= EQUAL_WITHIN,
        }[self.sign]

    def __str__(self) -> str:
        return f"{self.sign} {self.value:g}"


@dataclass(frozen=True, slots=True)
class Case:
    """``rows`` are scored in one batch. ``bounds`` are by id. Each of ``pairs`` is a better and a worse id.

    ``verdicts`` are the answers to each row's criteria by their names, by id; None if a judge is asked.
    """

    line: int
    name: str
    rows: tuple[Mapping[str, Any], ...]
    verdicts: Mapping[str, Mapping[str, Any]] | None
    bounds: Mapping[str, Bound]
    pairs: Sequence[tuple[str, str]]


Rows = Mapping[str, Mapping[str, Any]]
"""Rows by their ids as :func:`rewardctl.labels.label.id_key` returns them."""


def data_of(value: Any) -> str | None:
    """The name of the file that holds the rows of a case, None if the case has its own."""
    name = value.get("data") if isinstance(value, dict) else None
    return name if isinstance(name, str) else None


def parse_case(value: Any, line: int, from_data: Rows) -> Case:
    """The case in the JSON value of a line; ``from_data`` are the rows of the file that it names.

    Raises CaseError without the line's number.
    """
    if not isinstance(value, dict):
        raise CaseError('a case is an object such as {"row": {…}, "expect": ">= 0.8"}')
    if unknown := sorted(value.keys() - set(KEYS)):
        raise CaseError(f"unknown key {unknown[0]!r}; a case has {', '.join(KEYS)}")
    bounds, pairs = _bounds(value), _pairs(value)
    ids = list(dict.fromkeys([*bounds, *(key for pair in pairs for key in pair)]))
    if not ids:
        raise CaseError('nothing is expected; add "expect", or "better" and "worse"')
    rows = _rows(value, from_data, ids)
    if missing := [key for key in ids if key not in rows]:
        raise CaseError(f"no row has the id {missing[0]!r}; its rows are {', '.join(rows) or 'none'}")
    name = str(value.get("name", ""))
    return Case(
        line,
        name,
        tuple(rows.values()),
        _verdicts(value, rows),
        bounds,
        pairs,
    )


def _rows(value: Mapping[str, Any], from_data: Rows, ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """The rows to score by id; of those in a file only the ones that the case names."""
    sources = [key for key in ("row", "rows", "data") if key in value]
    if len(sources) != 1:
        raise CaseError('give one of "row" (one rollout), "rows" (a list) and "data" (a file that has them)')
    if "data" in value:
        return {key: row for key, row in from_data.items() if key in ids}
    if "row" in value:
        row = _row(value["row"])
        key = SINGLE if row.get("id") is None else id_key(row["id"])
        return {key: {**row, "id": row.get("id", SINGLE)}}
    if not isinstance(value["rows"], list):
        raise CaseError("rows is not a list")
    rows = [_row(row) for row in value["rows"]]
    if any(row.get("id") is None for row in rows):
        raise CaseError("a row has no id; give each an id, by which the case names it")
    by_id = {id_key(row["id"]): row for row in rows}
    if len(by_id) < len(rows):
        raise CaseError("two rows have the same id")
    return by_id


def _row(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise CaseError('a row is an object, {"prompt": …, "response": …} or {"messages": […]}')
    return value


def _bounds(value: Mapping[str, Any]) -> dict[str, Bound]:
    expect = value.get("expect", {})
    if isinstance(expect, dict):
        return {key: _bound(bound) for key, bound in expect.items()}
    row = value.get("row")
    if not isinstance(row, dict):
        raise CaseError('expect is by id where there are several rows: {"expect": {"good": ">= 0.8"}}')
    return {SINGLE if row.get("id") is None else id_key(row["id"]): _bound(expect)}


def _bound(value: Any) -> Bound:
    text = str(value).strip()
    match = _BOUND.fullmatch(text)
    if isinstance(value, bool) or match is None:
        raise CaseError(f'expect holds {text[:40]!r}; write ">= 0.8", "< 0.3", "== 1" or a number')
    sign, number = match.groups()
    return Bound("==" if sign in (None, "=") else sign, float(number))


def _pairs(value: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Each better row with each worse one."""
    if ("better" in value) != ("worse" in value):
        raise CaseError("better and worse stand together: each is an id, or a list of ids")
    if "better" not in value:
        return []
    better, worse = (_ids(value[key]) for key in ("better", "worse"))
    return [(good, bad) for good in better for bad in worse]


def _ids(value: Any) -> list[str]:
    return [id_key(identity) for identity in (value if isinstance(value, list) else [value])]


def _verdicts(value: Mapping[str, Any], rows: Rows) -> dict[str, Mapping[str, Any]] | None:
    """The scripted verdicts by row; a case with one row gives them without its id."""
    verdicts = value.get("verdicts")
    if verdicts is None:
        return None
    if not isinstance(verdicts, dict):
        raise CaseError('verdicts is not an object; write {"Criterion": "yes"}')
    if "row" in value:
        verdicts = {next(iter(rows)): verdicts}
    if unknown := [key for key in verdicts if key not in rows]:
        raise CaseError(f"verdicts names {unknown[0]!r}, which no row has as its id")
    if any(not isinstance(part, dict) for part in verdicts.values()):
        raise CaseError('verdicts of several rows are by id: {"good": {"Criterion": "yes"}}')
    return verdicts
