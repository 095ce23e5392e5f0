"""The texts of the labelling screen for one question. Pure."""

import json

from reward_fn.text.encoded import decoded
from reward_fn.types.rubric import Criterion, Example
from rewardctl.labels.label import OVERALL
from rewardctl.labels.session import Task, answer_keys
from rewardctl.labels.visible_text import visible

MAX_QUESTION_CHARS = 350
"""A longer question is cut, since it has five lines of 76 characters on the smallest screen. It then stands
in full below."""

Part = tuple[str, str]
"""A heading and a text."""


def question_text(task: Task) -> str:
    """The criterion's name, the item that it is about, and its question."""
    criterion, item = task.leaf
    about = f", item {item + 1} of {len(task.subject.items)}" if item is not None else ""
    name = criterion.name if criterion.name != OVERALL else "The whole answer"
    question = _question(criterion)
    if len(question) > MAX_QUESTION_CHARS:
        question = f"{question[:MAX_QUESTION_CHARS]}… (in full below)"
    return f"{name}{about}\n{question}"


def answers_text(task: Task) -> str:
    """The keys that answer a task, with their answers."""
    return "   ".join(f"{key} {answer.replace('_', ' ')}" for key, answer in answer_keys(task).items())


def parts_of(task: Task) -> list[Part]:
    """What is shown below the question: first the text that is to be judged, then what the judge sees."""
    subject, criterion = task.subject, task.leaf.criterion
    parts = _judged(task)
    if len(question := _question(criterion)) > MAX_QUESTION_CHARS:
        parts.insert(0, ("Question", question))
    if criterion.examples:
        parts.append(("Examples", "\n".join(map(_example, criterion.examples))))
    if subject.instructions:
        parts.append(("Instructions to the judge", subject.instructions))
    if subject.reference:
        parts.append(("Answer to compare with", subject.reference))
    parts += [(f"Document: {name}", text) for name, text in subject.documents.items()]
    if subject.rollout.prompt not in subject.documents.values():
        parts.append(("Prompt", subject.rollout.prompt))
    return parts


def _judged(task: Task) -> list[Part]:
    """The one item that a question is about, else all items, else the response."""
    subject, item = task.subject, task.leaf.item
    if item is not None:
        return [(f"Item {item + 1}", _fields(subject.items[item]))]
    items = [(f"Item {number}", _fields(text)) for number, text in enumerate(subject.items, start=1)]
    return items or [("Response", subject.rollout.response)]


def _question(criterion: Criterion) -> str:
    return visible(" ".join(criterion.question.split()))


def _example(example: Example) -> str:
    why = f": {example.why}" if example.why else ""
    return f"{example.verdict.replace('_', ' ')}{why}\n  {example.answer}"


def _fields(item: str) -> str:
    """An item that is a JSON object as one line a key; any other text unchanged."""
    value = decoded(item)
    if not isinstance(value, dict):
        return item
    texts = {key: field if isinstance(field, str) else json.dumps(field) for key, field in value.items()}
    return "\n".join(f"{key}: {text}" for key, text in texts.items())
