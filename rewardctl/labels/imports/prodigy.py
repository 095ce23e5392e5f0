"""Exports of Prodigy: the JSON Lines that ``prodigy db-out`` writes, one annotated task a line.

``answer`` is accept, reject or ignore; the annotator stands in ``_annotator_id`` or ``_session_id``. In the
interface ``classification`` ``label`` is what was accepted or rejected. In ``choice`` ``accept`` holds the
ids of the chosen ``options``. Source: https://prodi.gy/docs/api-interfaces.

The row's id is ``id`` of the task or of its ``meta``, which Prodigy keeps. A ``label`` is a criterion's name:
accept is yes, reject is no. Options that are criteria are yes where chosen and no where not. Other options
are the answers to the criterion that the task names in ``criterion``. Ignored tasks are left out.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from reward_fn.types.rubric import VerdictClass
from rewardctl.labels.foreign_answers import LeftOut, Names
from rewardctl.labels.foreign_json import entries
from rewardctl.labels.label import Label


def read(content: str, names: Names) -> Iterator[Label | LeftOut]:
    """The labels of an export."""
    for task in entries(content):
        meta = task.get("meta") or {}
        row, item = task.get("id", meta.get("id")), task.get("item", meta.get("item"))
        person = task.get("_annotator_id") or task.get("_session_id")
        if task["answer"] == "ignore":
            yield LeftOut("the task was ignored")
            continue
        answers = list(_answers(task, names))
        if not answers:
            yield LeftOut("the task was rejected, so none of its options is an answer")
        for name, value in answers:
            yield names.label(row, person, name, value, item)


def _answers(task: Mapping[str, Any], names: Names) -> Iterator[tuple[str, Any]]:
    """Criterion and answer of each judgement of a task."""
    accepted = task["answer"] == "accept"
    if "options" not in task:
        yield str(task.get("label")), VerdictClass.YES if accepted else VerdictClass.NO
        return
    accepted_ids = task.get("accept") or []
    options = [option["id"] for option in task["options"]]
    if all(names.find(str(option)) for option in options):
        for option in options:
            yield str(option), VerdictClass.YES if accepted and option in accepted_ids else VerdictClass.NO
    elif accepted:
        yield str(task.get("criterion")), accepted_ids
