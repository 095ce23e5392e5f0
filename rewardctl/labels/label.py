"""One label as it stands in a file, and the judgements that are in force after all lines were read. Pure."""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from reward_fn.paths import MAX_PLACE_DIGITS
from reward_fn.types.rubric import Criterion, VerdictClass

WITHDRAWN = ""
"""The answer of a label that takes an earlier one back; null in the file."""

_YES = (True, 1, "yes", "true")
_NO = (False, 0, "no", "false")


class LabelError(Exception):
    """A label that can't be used; the message names the place and the remedy."""


@dataclass(frozen=True, slots=True)
class Label:
    """One line of a file of labels: what ``labeller`` said about the rollout of the row ``id``.

    ``labels`` maps a criterion's name to an answer, ``items`` a list item's place (from 0) to such a mapping.
    An answer is "yes", "no", "cannot_assess", "not_applicable" or a choice, or WITHDRAWN. ``overall`` in
    [0, 1] is the worth of the whole answer, None if it was not labelled. ``repeat`` counts the earlier
    showings to the same person. ``boundary`` marks a case that reasonable people could label either way.
    ``at`` is an ISO time. ``line`` is the place in the file, from 1; 0 for a label that no file holds.
    """

    id: Any
    labeller: str
    labels: Mapping[str, str] = field(default_factory=dict)
    items: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    overall: float | None = None
    repeat: int = 0
    boundary: bool = False
    at: str = ""
    note: str = ""
    line: int = 0


class Judgement(NamedTuple):
    """The answer in force of one person to one criterion about one rollout, or about one of its items.

    ``criterion`` is "" for a judgement of the whole answer; its ``worth`` is then set, in [0, 1], and its
    ``answer`` is "". ``row`` is the row's id as :func:`id_key` returns it. ``item`` is None for a criterion
    about the whole answer.
    """

    row: str
    labeller: str
    criterion: str
    item: int | None
    repeat: int
    answer: str
    worth: float | None
    boundary: bool
    line: int


def id_key(identity: Any) -> str:
    """A row's id as a key: a text unchanged, anything else as JSON, so that 7 and "7" are one row."""
    return identity if isinstance(identity, str) else json.dumps(identity, sort_keys=True)


def read_label(value: Any, criteria: Mapping[str, Criterion], line: int = 0) -> Label:
    """The label in the JSON value of one line.

    Answers are checked against ``criteria``, by name; a criterion that is not among them takes any text.
    Raises LabelError, whose message names the key.
    """
    if not isinstance(value, dict):
        raise LabelError('a label is an object such as {"id": …, "labeller": …, "labels": {…}}')
    if value.get("id") is None:
        raise LabelError("id is missing; it is the id of the row that was labelled")
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
    )


def as_json(label: Label) -> dict[str, Any]:
    """The object that is written for a label; empty parts are left out."""
    parts: dict[str, Any] = {
        "labels": _nulls(label.labels),
        "items": {str(place): _nulls(answers) for place, answers in label.items.items()},
        "overall": label.overall,
        "boundary": label.boundary,
        "at": label.at,
        "note": label.note,
    }
    kept = {key: part for key, part in parts.items() if part not in ({}, None, False, "")}
    return {"id": label.id, "labeller": label.labeller, "repeat": label.repeat, **kept}


def judgements(labels: Iterable[Label]) -> list[Judgement]:
    """The judgements in force, in the order of their first line.

    A later line of the same person about the same criterion, item and showing replaces an earlier one, and a
    withdrawn answer removes it. An ``overall`` is replaced by a later number.
    """
    latest: dict[tuple[str, str, int, str, int | None], Judgement] = {}
    for label in labels:
        for judgement in _judgements_of(label):
            key = (judgement.row, judgement.labeller, judgement.repeat, judgement.criterion, judgement.item)
            latest[key] = judgement
    return [each for each in latest.values() if each.worth is not None or each.answer != WITHDRAWN]


def _judgements_of(label: Label) -> Iterable[Judgement]:
    row, fixed = id_key(label.id), (label.boundary, label.line)
    places: list[tuple[int | None, Mapping[str, str]]] = [(None, label.labels), *label.items.items()]
    for item, answers in places:
        for name, answer in answers.items():
            yield Judgement(row, label.labeller, name, item, label.repeat, answer, None, *fixed)
    if label.overall is not None:
        yield Judgement(row, label.labeller, "", None, label.repeat, "", label.overall, *fixed)


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


def _nulls(answers: Mapping[str, str]) -> dict[str, str | None]:
    return {name: answer if answer != WITHDRAWN else None for name, answer in answers.items()}
