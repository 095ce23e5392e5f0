"""Read one label from the JSON value of its line; every fault is named by its key. Pure."""

import json
import math
from collections.abc import Mapping
from typing import Any

from reward_fn.paths import MAX_PLACE_DIGITS
from reward_fn.types.rubric import Criterion, VerdictClass
from rewardctl.labels.label import WITHDRAWN, Label, LabelError

_YES = (True, 1, "yes", "true")
_NO = (False, 0, "no", "false")
_PARTS = frozenset({"labels", "items", "overall"})
"""A label has at least one of these keys; the row of a data set has none."""


def read_label(value: Any, criteria: Mapping[str, Criterion], line: int = 0) -> Label:
    """The label in the JSON value of one line.

    Answers are checked against ``criteria``, by name; a criterion that is not among them takes any text.
    Raises LabelError, whose message names the key.
    """
    if not isinstance(value, dict):
        raise LabelError('a label is an object such as {"id": …, "labeller": …, "labels": {…}}')
    if value.get("id") is None:
        raise LabelError("id is missing; it is the id of the row that was labelled")
    if not _PARTS & value.keys():
        raise LabelError(f"it has none of {', '.join(sorted(_PARTS))}, so it is not a label")
    items = _mapping(value, "items")
    return Label(
        id=value["id"],
        labeller=_text(value, "labeller"),
        labels=_answers(_mapping(value, "labels"), criteria, "labels"),
        items={_place(key): _answers(_mapping(items, key), criteria, f"items.{key}") for key in items},
        overall=_overall(value.get("overall")),
        repeat=_count(value.get("repeat", 0)),
        boundary=value.get("boundary") is True,
        at=_text(value, "at"),
        note=_text(value, "note"),
        line=line,
        withdraws_overall="overall" in value and value["overall"] is None,
    )


def _answers(values: Mapping[str, Any], criteria: Mapping[str, Criterion], place: str) -> dict[str, str]:
    return {name: _answer(value, criteria.get(name), f"{place}.{name}") for name, value in values.items()}


def _answer(value: Any, criterion: Criterion | None, place: str) -> str:
    if value is None:
        return WITHDRAWN
    allowed = tuple(map(str, criterion.worth)) if criterion else ()
    text = value if isinstance(value, str) else json.dumps(value)
    if text in allowed:
        return text
    if not (criterion and criterion.choices):
        lowered = value.strip().lower() if isinstance(value, str) else value
        if isinstance(lowered, str | bool | int) and lowered in _YES:
            return VerdictClass.YES.value
        if isinstance(lowered, str | bool | int) and lowered in _NO:
            return VerdictClass.NO.value
    if allowed or not isinstance(value, str | int) or not text.strip():
        expected = ", ".join(allowed) or "yes, no, cannot_assess or a choice"
        raise LabelError(f"{place} is {text[:60]!r}; expected {expected}")
    return text


def _overall(value: Any) -> float | None:
    if value is None:
        return None
    if not isinstance(value, bool | int | float) or not math.isfinite(value) or not 0 <= value <= 1:
        raise LabelError(f"overall is {str(value)[:60]!r}; expected a number from 0 to 1, true or false")
    return float(value)


def _mapping(value: Mapping[str, Any], key: str) -> dict[str, Any]:
    part = value.get(key)
    if part is None:
        return {}
    if not isinstance(part, dict):
        raise LabelError(f'{key} is not an object; expected {{"Criterion": "yes"}}')
    return part


def _place(key: str) -> int:
    if not key.isdecimal() or len(key) > MAX_PLACE_DIGITS:
        raise LabelError(f"items has the key {key[:60]!r}; expected an item's place, from 0")
    return int(key)


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise LabelError(f"repeat is {str(value)[:60]!r}; expected 0, or the number of earlier showings")
    return value


def _text(value: Mapping[str, Any], key: str) -> str:
    text = value.get(key)
    if not isinstance(text, str | None):
        raise LabelError(f"{key} is not a text")
    return text or ""
