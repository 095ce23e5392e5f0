"""What judging asks of a quota: calls a rollout and tokens a call, by the definition's own judge."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from reward_fn.event.material import find_material
from reward_fn.event.parse import parse_event
from reward_fn.judge.ask.modes import inquiries, mode_of
from reward_fn.judge.base import Question
from reward_fn.judge.models.catalogue import CHARS_PER_TOKEN
from reward_fn.judge.vote.panel import escalation_voter, voters
from reward_fn.types.material import Material
from reward_fn.types.rollout import Rollout
from reward_fn.types.rubric import JudgeSpec

UNKNOWN_TOKENS = 2000
"""Reserved for the reply where the definition is not known."""


def calls_a_rollout(spec: JudgeSpec, *, together: int = 1) -> float:
    """Calls of any judge for one rollout, at most, where so many of a group share a question.

    Each voter, and the one that settles what they leave open, is asked each question: two where answers are
    compared. Retries, and fallbacks after them, are left out.
    """
    asked = len(voters(spec)) + (escalation_voter(spec) is not None)
    return asked * mode_of(spec).questions / together


def full_group(spec: JudgeSpec) -> int:
    """The number of rollouts that share a question at best."""
    return mode_of(spec).most_together(spec)


def tokens_a_call(rows: Sequence[Mapping[str, Any]], spec: JudgeSpec | None) -> int:
    """What the largest question about one of `rows` takes out of a quota: its input, and its `max_tokens`,
    which Bedrock reserves in advance. By the rows' own size where nothing can be asked about them."""
    found = [_tokens(question) for row in rows for question in _questions(row, spec)] if spec else []
    own = max(len(json.dumps(row, ensure_ascii=False)) for row in rows) // CHARS_PER_TOKEN
    return max(found, default=own + UNKNOWN_TOKENS)


def _questions(row: Mapping[str, Any], spec: JudgeSpec) -> Iterator[Question]:
    """Those about one rollout, or about a full group of its like: the same text would be shown once."""
    (entry,) = parse_event([row])
    if not isinstance(entry, Rollout):
        return
    rollouts = [replace(entry, index=i, response=entry.response + " " * i) for i in range(full_group(spec))]
    found = (find_material(each, spec) for each in rollouts)
    materials = [each for each in found if isinstance(each, Material) and (each.items or not spec.items)]
    for inquiry in inquiries(materials, spec):
        yield from inquiry.questions


def _tokens(question: Question) -> int:
    texts = (question.system, question.static, question.variable, json.dumps(question.schema))
    return sum(map(len, texts)) // CHARS_PER_TOKEN + question.max_tokens
