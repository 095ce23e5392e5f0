"""Exports of Label Studio in the formats JSON and JSON-MIN.

In JSON each task has ``data`` and ``annotations``; an annotation has ``completed_by`` (a number, or an object
with ``email``), ``was_cancelled``, and in ``result`` one entry for each tag: ``from_name`` is the tag's name,
``value.choices`` a list, or ``value.rating`` a number. JSON-MIN puts the tags beside the data, with
``annotator``. Source: https://labelstud.io/guide/task_format and HumanSignal/label-studio,
``docs/source/includes/task_format.md``.

The row's id is ``id`` in the task's data, else the task's own. A tag's name is a criterion's name; ``item``
in the data is the place of an item. Cancelled annotations are left out, and predictions are never read.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from rewardctl.labels.foreign_answers import LeftOut, Names
from rewardctl.labels.foreign_json import entries
from rewardctl.labels.label import Label


def read(content: str, names: Names) -> Iterator[Label | LeftOut]:
    """The labels of an export."""
    for task in entries(content):
        if "annotations" in task:
            yield from _of_task(task, names)
        else:
            yield from _of_flat_task(task, names)


def _of_task(task: Mapping[str, Any], names: Names) -> Iterator[Label | LeftOut]:
    data = task.get("data") or {}
    row = data.get("id", task.get("id"))
    for annotation in task["annotations"]:
        if annotation.get("was_cancelled"):
            yield LeftOut("the annotation was cancelled")
            continue
        person = _person(annotation.get("completed_by"))
        for entry in annotation["result"]:
            value = entry.get("value", {})
            answer = value.get("choices", value.get("rating"))
            if answer is None:
                yield LeftOut(f"a result of the type {entry.get('type')!r}, not choices or rating")
            else:
                yield names.label(row, person, entry["from_name"], answer, data.get("item"))


def _of_flat_task(task: Mapping[str, Any], names: Names) -> Iterator[Label | LeftOut]:
    for key, value in task.items():
        if names.find(key) is not None:
            answer = value.get("choices") if isinstance(value, dict) else value
            person = _person(task.get("annotator"))
            yield names.label(task.get("id"), person, key, answer, task.get("item"))


def _person(value: Any) -> Any:
    return value.get("email") or value.get("id") if isinstance(value, dict) else value
