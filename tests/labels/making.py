"""Rows, definitions and sessions for the tests of labels."""

from pathlib import Path
from typing import Any

from reward_fn.types.definition import Definition
from rewardctl.labels.label import Judgement, Label, judgements
from rewardctl.labels.session import Session, plan
from rewardctl.labels.subjects import Subject, find_subjects
from tests import factory

ONE_QUESTION = """
name = "one"
[[judge.criterion]]
name = "Clear"
question = "Is the answer clear to a reader without any background?"
[judge]
model = "medium"
"""
TWO_QUESTIONS = """
name = "two"
[judge]
model = "medium"
[[judge.document]]
name = "source"
source = ["metadata.source"]
optional = true
[[judge.criterion]]
name = "Clear"
question = "Is the answer clear to a reader without any background?"
may_not_apply = true
[[judge.criterion]]
name = "Tone"
question = "Which tone does the answer have, taken as a whole?"
choices = ["rude", "neutral", "kind"]
"""
ITEMS = """
name = "items"
[judge]
model = "medium"
items = "comments"
item_fields = ["text"]
[[judge.criterion]]
name = "Apt"
scope = "item"
question = "Does the comment say something that a reviewer could use?"
[[judge.criterion]]
name = "Complete"
scope = "answer"
question = "Do the comments together raise every point?"
"""
NOW = "2026-11-28T08:00:00+00:00"


def rows(*ids: str, response: str = "An answer.", **fields: Any) -> list[dict[str, Any]]:
    return [factory.row(response, id=each, **fields) for each in ids]


def subjects(folder: Path, toml: str, *ids: str, **fields: Any) -> list[Subject]:
    return list(find_subjects(rows(*ids, **fields), definition(folder, toml)).subjects)


def definition(folder: Path, toml: str) -> Definition:
    return factory.definition(folder, toml)


class Kept:
    """Labels in memory, as a file would hold them."""

    def __init__(self) -> None:
        self.labels: list[Label] = []

    def session(self, shown: list[Subject], labeller: str = "ann", *, seed: int = 0) -> Session:
        """A new session that goes on from the labels so far."""
        return Session(plan(shown, seed), labeller, judgements(self.labels), self.labels.append, lambda: NOW)


def judged(
    row: str,
    answer: str,
    *,
    labeller: str = "ann",
    criterion: str = "Clear",
    repeat: int = 0,
    boundary: bool = False,
) -> Judgement:
    return Judgement(row, labeller, criterion, None, repeat, answer, None, boundary, 1)
