"""The measured rollouts, derived from the project's example batch, and their judge requests."""

import copy
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reward_fn.definition.load import load_definition
from reward_fn.event.material import find_material
from reward_fn.event.parse import parse_event
from reward_fn.judge.ask.modes.pointwise import question_about
from reward_fn.judge.models.catalogue import profile
from reward_fn.judge.providers.bedrock.converse import converse_request
from reward_fn.pipeline import examine
from reward_fn.types.batch import Examined
from reward_fn.types.definition import Definition
from reward_fn.types.material import Material
from reward_fn.types.rollout import Rollout
from reward_fn.types.rubric import JudgeSpec

BATCH = Path(__file__).resolve().parent.parent / "events" / "contract_review_batch.json"
GOOD = ("saas-good-1", "nda-good-1", "supply-good-1", "consulting-good-1")
GROUP_SIZE = 8

Row = dict[str, Any]


def good_batch(count: int) -> list[Row]:
    """``count`` rollouts derived from the four good answers; no two have the same question."""
    rows = _rows()
    return distinct([row for name in GOOD for row in rows if row["id"] == name], count)


def judged_batch(count: int, start: int = 0) -> list[Row]:
    """``count`` rollouts, numbered from ``start``, derived from all judged answers, good and bad."""
    definition = load_definition("contract-review")
    rows = _rows()
    examined = [examine(entry, definition) for entry in parse_event(rows)]
    judged = [isinstance(e, Examined) and e.settled is None and e.blocked is None for e in examined]
    return distinct([row for row, is_judged in zip(rows, judged, strict=True) if is_judged], count, start)


def distinct(rows: Sequence[Row], count: int, start: int = 0) -> list[Row]:
    """Copies that differ by a number in each action; eight copies of a row form a group."""
    numbers = range(start, start + count)
    return [_variant(rows[n % len(rows)], n, n // len(rows) // GROUP_SIZE) for n in numbers]


def converse_requests(batch: Sequence[Row], definition: Definition) -> list[dict[str, Any]]:
    """The arguments of Converse that the reward function would send for ``batch``."""
    spec = judge_spec(definition)
    model = profile(spec.models[0], spec.structure)
    questions = [question_about(material_of(rollout, spec)) for rollout in rollouts_of(batch)]
    return [converse_request(q, model, cached=model.caches(q.prefix_chars)) for q in questions]


def rollouts_of(batch: Sequence[Row]) -> list[Rollout]:
    """The rows parsed as rollouts."""
    return [entry for entry in parse_event(list(batch)) if isinstance(entry, Rollout)]


def material_of(rollout: Rollout, spec: JudgeSpec) -> Material:
    """The material that a judge sees of a rollout. Raises ValueError if it can't be judged."""
    material = find_material(rollout, spec)
    if not isinstance(material, Material):
        raise ValueError(f"rollout {rollout.index}: {material.detail}")
    return material


def judge_spec(definition: Definition) -> JudgeSpec:
    """The definition's judge. Raises ValueError if it has none."""
    if definition.judge is None:
        raise ValueError(f"{definition.name} has no judge to measure")
    return definition.judge


def request_bytes(requests: Sequence[dict[str, Any]]) -> int:
    """The mean size of a request as JSON."""
    return sum(len(json.dumps(request).encode()) for request in requests) // len(requests)


def _rows() -> list[Row]:
    rows: list[Row] = json.loads(BATCH.read_text(encoding="utf-8"))
    return rows


def _variant(row: Row, number: int, group: int) -> Row:
    """A copy of the row with a new id, numbered comments, and its group's line in prompt and contract."""
    [rollout] = rollouts_of([row])
    answer = copy.deepcopy(rollout.parsed.value)
    for place, comment in enumerate(answer["comments"]):
        comment["recommended_action"] += f" ({number}-{place})"
    variant = copy.deepcopy(row)
    variant["id"] = f"{row['id']}-{number}"
    variant["messages"][-1]["content"] = json.dumps(answer, ensure_ascii=False)
    variant["messages"][-2]["content"] += f"\n\nMatter {group}."
    variant["reference_answer"]["target_document"] += f"\n\nMatter {group}."
    return variant
