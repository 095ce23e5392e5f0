"""The cases of the token count: our rows, and the same rubrics and answers for other libraries."""

import copy
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.material import GOOD, Row, rollouts_of
from reward_fn.definition.load import load_definition
from reward_fn.judge.ask.modes.pointwise import question_about
from reward_fn.pipeline import examine
from reward_fn.types.batch import Examined
from reward_fn.types.definition import Definition
from reward_fn.types.material import Material
from reward_fn.types.rubric import JudgeSpec
from reward_fn.types.verdict import Leaf

EVENTS = Path(__file__).resolve().parent.parent / "events"


@dataclass(frozen=True, slots=True)
class Case:
    """Rollouts of one kind, their definition, and the input of other libraries."""

    definition: str
    rows: Sequence[Row]
    others: Sequence[dict[str, Any]]

    @property
    def verdicts(self) -> int:
        """The number of verdicts of all rollouts."""
        return sum(len(task["criteria"]) for task in self.others)


def cases() -> dict[str, Case]:
    """The cases by their names in the tables."""
    makers: Mapping[str, Callable[[], tuple[str, list[Row]]]] = {
        "contract-review, 5 comments": partial(_contracts, 5),
        "contract-review, 20 comments": partial(_contracts, 20),
        "rag-faithfulness": partial(_rows_of, "rag-faithfulness"),
        "instruction-following": partial(_rows_of, "instruction-following"),
    }
    return {name: _case(*make()) for name, make in makers.items()}


def _case(name: str, rows: Sequence[Row]) -> Case:
    definition = load_definition(name)
    judged = [(row, material) for row in rows if (material := _judged(row, definition)) is not None]
    return Case(name, [row for row, _ in judged], [_for_others(material) for _, material in judged])


def _judged(row: Row, definition: Definition) -> Material | None:
    """The material of a row that the judge sees, or None if it is not judged."""
    [rollout] = rollouts_of([row])
    examined = examine(rollout, definition)
    return examined.material if isinstance(examined, Examined) else None


def _rows_of(name: str) -> tuple[str, list[Row]]:
    path = EVENTS / f"{name.replace('-', '_')}.json"
    rows: list[Row] = json.loads(path.read_text(encoding="utf-8"))
    return name, rows


def _contracts(comments: int) -> tuple[str, list[Row]]:
    """The four good answers, each with the given number of numbered comments."""
    _, rows = _rows_of("contract-review-batch")
    return "contract-review", [_with_comments(row, comments) for row in rows if row["id"] in GOOD]


def _with_comments(row: Row, count: int) -> Row:
    originals = json.loads(row["messages"][-1]["content"])["comments"]
    comments = [copy.deepcopy(originals[n % len(originals)]) for n in range(count)]
    for number, comment in enumerate(comments, 1):
        comment["recommended_action"] += f" ({number})"
    variant = copy.deepcopy(row)
    variant["messages"][-1]["content"] = json.dumps({"comments": comments}, ensure_ascii=False)
    return variant


def _for_others(material: Material) -> dict[str, Any]:
    """The same rubric over the whole answer: a criterion about items becomes one criterion for each item."""
    question, rollout, spec = question_about(material), material.rollout, material.spec
    documents = dict(question.documents)
    if spec.show_prompt:
        documents["prompt"] = rollout.prompt
    return {
        "criteria": [_criterion(leaf, spec) for leaf in question.leaves],
        "prompt": "\n\n".join(f"{name}:\n{text}" for name, text in documents.items()),
        "response": rollout.response,
    }


def _criterion(leaf: Leaf, spec: JudgeSpec) -> dict[str, Any]:
    text = " ".join(leaf.criterion.question.split())
    if leaf.item is None:
        return {"name": leaf.criterion.name, "question": text, "weight": leaf.criterion.weight}
    number = leaf.item + 1
    return {
        "name": f"{leaf.criterion.name}_{number}",
        "question": f"Item {number} of {spec.items}: {text}",
        "weight": leaf.criterion.weight,
    }
