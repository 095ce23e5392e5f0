"""A definition with two criteria, and rollouts whose verdicts their texts say."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reward_fn.judge.base import Model, Question, Reply
from reward_fn.types.definition import Definition
from tests.explain.records import Record, records_of
from tests.factory import definition, row
from tests.unit.fake_judge import replied

TOML = """
name = "two"
[judge]
{more}
[[judge.criterion]]
name = "Right"
question = "{right}"
evidence = "none"
weight = {weights[0]}
[[judge.criterion]]
name = "Clear"
question = "Does the response say it clearly?"
evidence = "none"
weight = {weights[1]}
"""


def two(
    folder: Path,
    weights: tuple[float, float] = (2.0, 1.0),
    right: str = "Is the response right?",
    more: str = "",
) -> Definition:
    """The definition, in a folder of its own; ``more`` are lines of its [judge]."""
    folder.mkdir(exist_ok=True)
    named = more if "panel" in more else f'model = "medium"\n{more}'
    return definition(folder, TOML.format(weights=weights, right=right, more=named))


def rows_of(*groups: Sequence[str]) -> list[dict[str, Any]]:
    """A rollout for each text; those of one sequence answer one prompt, as q-<number>."""
    return [
        row(text, prompt=f"question {number}", id=f"{number}-{text}")
        for number, texts in enumerate(groups)
        for text in texts
    ]


def judged_by_text(question: Question, _model: Model) -> Reply:
    """Yes on a criterion if the response names it in lower case, else no."""
    text = question.variable
    names = {leaf.criterion.name for leaf in question.leaves}
    return replied(question, {(name, None): "yes" if name.lower() in text else "no" for name in names})


def judged(served: Definition, *groups: Sequence[str]) -> list[Record]:
    """Records of these texts by :func:`judged_by_text`."""
    return records_of(served, rows_of(*groups), judged_by_text)
