"""Build rollouts, rows, checks and definitions for tests; everything has a default."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from reward_fn import checks
from reward_fn.definition.load import load_definition
from reward_fn.event.material import find_material
from reward_fn.judge.ask.fences import RandomCode, new_code
from reward_fn.judge.ask.modes.pointwise import question_about
from reward_fn.judge.base import Question
from reward_fn.types.check import Check, CheckResult
from reward_fn.types.definition import Definition
from reward_fn.types.material import Material
from reward_fn.types.rollout import Message, Rollout
from reward_fn.types.rubric import JudgeSpec

ROOT = Path(__file__).resolve().parent.parent


def rollout(
    response: str = "",
    *,
    prompt: str = "Q",
    reference_answer: Any = None,
    metadata: Mapping[str, Any] | None = None,
    index: int = 0,
    id: Any = "r-1",  # noqa: A002 - the field's own name
    messages: Sequence[Message] | None = None,
) -> Rollout:
    """A rollout; ``messages`` replaces the single user turn made from ``prompt``."""
    turns = (Message("user", prompt),) if messages is None else tuple(messages)
    return Rollout(index, id, turns, response, reference_answer, metadata or {})


def material(judged: Rollout, spec: JudgeSpec) -> Material:
    """The material of a rollout; fails if it can't be judged."""
    result = find_material(judged, spec)
    assert isinstance(result, Material), result
    return result


def build_question(judged: Rollout, spec: JudgeSpec, *, random_code: RandomCode = new_code) -> Question:
    """The question about one rollout by itself."""
    return question_about(material(judged, spec), random_code=random_code)


def row(response: Any = "A", *, prompt: Any = "Q", **fields: Any) -> dict[str, Any]:
    """A row of an event as a trainer sends it; ``fields`` are added, or replace its fields."""
    messages = [{"role": "user", "content": prompt}, {"role": "assistant", "content": response}]
    return {"id": "r-1", "messages": messages, **fields}


def check(name: str, folder: Path = ROOT, **parameters: Any) -> Check:
    """The check of that name, built with ``parameters``; ``folder`` holds the files that they name."""
    return checks.load(name).build(parameters, folder)


def score_of(check: Check, rollout: Rollout) -> float:
    """The score that a check gives to a rollout.

    Fails unless a score below 1 has a detail and a score of 1 has none.
    """
    result = check(rollout)
    assert isinstance(result, CheckResult), result
    assert bool(result.detail) == (result.score < 1), result
    return result.score


def definition(folder: Path, toml: str, *, judge_model: str = "") -> Definition:
    """The definition in the text ``toml``, loaded from a file in ``folder``."""
    path = folder / "definition.toml"
    path.write_text(toml, encoding="utf-8")
    return load_definition(str(path), judge_model=judge_model)
