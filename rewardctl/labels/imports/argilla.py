"""Exports of Argilla 2: the list of records that ``dataset.records.to_json`` writes, or flat JSON Lines.

Nested, each question of ``responses`` has a list of ``{"value", "user_id"}``, in newer versions with
``status``. Flat, as ``to_list(flatten=True)`` and data sets on the Hugging Face hub have it, a question has
the columns ``Q.responses``, ``Q.responses.users`` and ``Q.responses.status``. Source: argilla-io/argilla,
``argilla/src/argilla/records/_io/_generic.py`` and ``records/_resource.py``.

The row's id is ``metadata.row_id`` or the record's ``id``. A question's name is a criterion's name;
``metadata.item`` is the place of an item. Only submitted responses count.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from rewardctl.labels.foreign_answers import LeftOut, Names
from rewardctl.labels.foreign_json import entries
from rewardctl.labels.label import Label

_FLAT = ".responses"
_NOT_SUBMITTED = ("draft", "discarded")


def read(content: str, names: Names) -> Iterator[Label | LeftOut]:
    """The labels of an export."""
    for record in entries(content):
        metadata = record.get("metadata") or {}
        row = metadata.get("row_id", record.get("row_id", record.get("id")))
        item = metadata.get("item", record.get("item"))
        for question, value, person, status in _responses(record):
            if status in _NOT_SUBMITTED:
                yield LeftOut(f"the response is {status}")
            elif value is not None:
                yield names.label(row, person, question, value, item)


def _responses(record: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any, Any]]:
    """Question, value, user and status of each response of a record."""
    for question, responses in (record.get("responses") or {}).items():
        for response in responses or ():
            yield question, response["value"], response.get("user_id"), response.get("status")
    for column in [key for key in record if key.endswith(_FLAT)]:
        values = record[column] or []
        people = record.get(f"{column}.users") or [None] * len(values)
        states = record.get(f"{column}.status") or [None] * len(values)
        for value, person, status in zip(values, people, states, strict=True):
            yield column.removesuffix(_FLAT), value, person, status
