"""One label as it stands in a file, and the judgements that are in force after all lines were read. Pure."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

WITHDRAWN = ""
"""The answer of a label that takes an earlier one back; null in the file."""

OVERALL = ""
"""The criterion of a judgement of the whole answer; in the file it stands under ``overall``."""


class LabelError(Exception):
    """A label that can't be used; the message names the place and the remedy."""


@dataclass(frozen=True, slots=True)
class Label:
    """One line of a file of labels: what ``labeller`` said about the rollout of the row ``id``.

    ``labels`` maps a criterion's name to an answer, ``items`` a list item's place (from 0) to such a mapping.
    An answer is "yes", "no", "cannot_assess", "not_applicable" or a choice, or WITHDRAWN. ``overall`` in
    [0, 1] is the worth of the whole answer, None if it was not labelled. ``repeat`` counts the earlier
    showings to the same person. ``boundary`` marks a case that reasonable people could label either way.
    ``withdraws_overall`` marks a line that takes an earlier ``overall`` back.
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
    withdraws_overall: bool = False


class Judgement(NamedTuple):
    """The answer in force of one person to one criterion about one rollout, or about one of its items.

    ``criterion`` is OVERALL for a judgement of the whole answer, whose ``worth`` in [0, 1] is set and whose
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


def as_json(label: Label) -> dict[str, Any]:
    """The object that is written for a label; empty parts are left out."""
    parts: dict[str, Any] = {
        "labels": _nulls(label.labels),
        "items": {str(place): _nulls(answers) for place, answers in label.items.items()},
        "boundary": label.boundary,
        "at": label.at,
        "note": label.note,
    }
    fields = {key: part for key, part in parts.items() if part not in ({}, None, False, "")}
    if label.withdraws_overall:
        fields["overall"] = None
    elif label.overall is not None:
        fields["overall"] = label.overall
    return {"id": label.id, "labeller": label.labeller, "repeat": label.repeat, **fields}


def judgements(labels: Iterable[Label]) -> list[Judgement]:
    """The judgements in force, in the order of their first line.

    A later line of the same person about the same criterion, item and showing replaces an earlier one, and a
    withdrawn answer removes it.
    """
    latest: dict[tuple[str, str, int, str, int | None], Judgement] = {}
    for label in labels:
        for judgement in _judgements_of(label):
            key = (judgement.row, judgement.labeller, judgement.repeat, judgement.criterion, judgement.item)
            latest[key] = judgement
    return [j for j in latest.values() if j.worth is not None or j.answer != WITHDRAWN]


def _judgements_of(label: Label) -> Iterable[Judgement]:
    row, fixed = id_key(label.id), (label.boundary, label.line)
    places: list[tuple[int | None, Mapping[str, str]]] = [(None, label.labels), *label.items.items()]
    for item, answers in places:
        for name, answer in answers.items():
            yield Judgement(row, label.labeller, name, item, label.repeat, answer, None, *fixed)
    if label.overall is not None or label.withdraws_overall:
        yield Judgement(row, label.labeller, OVERALL, None, label.repeat, WITHDRAWN, label.overall, *fixed)


def _nulls(answers: Mapping[str, str]) -> dict[str, str | None]:
    return {name: answer if answer != WITHDRAWN else None for name, answer in answers.items()}
