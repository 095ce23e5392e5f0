"""The judge calls that a definition needs: how often each model is called, and with how many tokens."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, NamedTuple

from reward_fn.event.material import find_material
from reward_fn.event.parse import parse_event
from reward_fn.judge.ask.modes import inquiries, mode_of
from reward_fn.judge.base import Question
from reward_fn.judge.models.catalogue import CHARS_PER_TOKEN
from reward_fn.judge.vote.panel import escalation_voter, voters
from reward_fn.types.material import Material
from reward_fn.types.rollout import Rollout
from reward_fn.types.rubric import JudgeSpec

UNKNOWN_REPLY_TOKENS = 2000
"""Assumed for a reply if the definition, and so its `max_tokens`, can't be read."""

Role = Literal["voter", "fallback", "escalation"]
"""When a model is called: always; instead of a voter that failed; or if the voters differ or are unsure."""


class ModelCalls(NamedTuple):
    """`calls` of `model` (an id) for each question, at most, retries not included."""

    model: str
    calls: int
    role: Role


def calls_by_model(spec: JudgeSpec) -> tuple[ModelCalls, ...]:
    """Each model that may be called, with its own calls for each question; voters first."""
    counts: Counter[tuple[str, Role]] = Counter()
    for voter in voters(spec):
        first, *fallbacks = voter.models
        counts[first.name, "voter"] += 1
        counts.update((model.name, "fallback") for model in fallbacks)
    if second := escalation_voter(spec):
        counts.update((model.name, "escalation") for model in second.models)
    order = ("voter", "fallback", "escalation")
    demands = [ModelCalls(model, calls, role) for (model, role), calls in counts.items()]
    return tuple(sorted(demands, key=lambda each: order.index(each.role)))


def questions_a_rollout(spec: JudgeSpec, *, together: int = 1) -> float:
    """How many questions each voter gets for one rollout if `together` rollouts of a group share one."""
    return mode_of(spec).questions / together


def calls_a_rollout(spec: JudgeSpec, *, together: int = 1, escalated: bool = True) -> float:
    """Calls of all models for one rollout, at most; fallbacks and retries are not included.

    `escalated` False leaves out the model that is called only if the voters differ or are unsure.
    """
    roles = ("voter", "escalation") if escalated else ("voter",)
    calls = sum(each.calls for each in calls_by_model(spec) if each.role in roles)
    return calls * questions_a_rollout(spec, together=together)


def full_group(spec: JudgeSpec) -> int:
    """The largest number of rollouts that share a question in the mode of `spec`."""
    return mode_of(spec).most_together(spec)


def tokens_a_call(rows: Sequence[Mapping[str, Any]], spec: JudgeSpec | None) -> int:
    """Tokens that the largest question about one of `rows` takes from a quota.

    These are its input and all of its `max_tokens`, which Bedrock reserves in advance. If no question can be
    built, the size of the largest row is taken for its input.
    """
    sizes = [sum(tokens_of(question)) for row in rows for question in _questions(row, spec)] if spec else []
    largest_row = max(len(json.dumps(row, ensure_ascii=False)) for row in rows) // CHARS_PER_TOKEN
    return max(sizes, default=largest_row + UNKNOWN_REPLY_TOKENS)


def tokens_of(question: Question) -> tuple[int, int]:
    """Input tokens of a question, estimated from its characters, and the most that its reply may have."""
    texts = (question.system, question.static, question.variable, json.dumps(question.schema))
    return sum(map(len, texts)) // CHARS_PER_TOKEN, question.max_tokens


def questions_about(materials: Sequence[Material], spec: JudgeSpec) -> Iterator[Question]:
    """The questions about rollouts of one batch, in the mode of `spec`."""
    for inquiry in inquiries(materials, spec):
        yield from inquiry.questions


def _questions(row: Mapping[str, Any], spec: JudgeSpec) -> Iterator[Question]:
    """Questions about the rollout of one row, or about as many copies of it as share a question.

    The copies differ in trailing spaces, since equal responses are shown only once. Rollouts without
    material, or without list items if these are judged, get no question.
    """
    (entry,) = parse_event([row])
    if not isinstance(entry, Rollout):
        return
    copies = [replace(entry, index=i, response=entry.response + " " * i) for i in range(full_group(spec))]
    materials = [material for each in copies if isinstance(material := find_material(each, spec), Material)]
    yield from questions_about([each for each in materials if each.items or not spec.items], spec)
