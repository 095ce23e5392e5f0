"""What judging asks of a quota: calls a rollout and tokens a call, by the definition's own judge."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from reward_fn.definition.rollout_rubric import with_own_rubric
from reward_fn.event.parse import parse_event
from reward_fn.judge.ask.modes import ORDERS, Judgeable, inquiries, most_side_by_side
from reward_fn.judge.ask.prompt import judged_items
from reward_fn.judge.base import Question
from reward_fn.judge.models.catalogue import CHARS_PER_TOKEN
from reward_fn.judge.vote.panel import escalation_voter, voters
from reward_fn.types.rollout import Rollout
from reward_fn.types.rubric import JudgeSpec
from reward_fn.types.unscored import Unscored

UNKNOWN_TOKENS = 2000
"""Reserved for the reply where the definition is not known."""


def calls_a_rollout(spec: JudgeSpec, *, together: int = 1) -> float:
    """Calls of any judge for one rollout, at most, where so many of a group share a question.

    Each voter, and the one that settles what they leave open, is asked each question: two where answers are
    compared. Retries, and fallbacks after them, are left out.
    """
    asked = len(voters(spec)) + (escalation_voter(spec) is not None)
    questions = len(ORDERS) if spec.mode == "pairwise" else 1
    return asked * questions / together


def full_group(spec: JudgeSpec) -> int:
    """How many rollouts share a question at best: 1 but in the mode "group"."""
    return most_side_by_side(spec) if spec.mode == "group" else 1


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
    rubrics = [(each, with_own_rubric(each, spec) if spec.own_rubric else spec) for each in rollouts]
    judgeable = [
        Judgeable(each, own)
        for each, own in rubrics
        if not isinstance(own, Unscored) and (not own.items or judged_items(each, own))
    ]
    for inquiry in inquiries(judgeable, spec):
        yield from inquiry.questions


def _tokens(question: Question) -> int:
    texts = (question.system, question.static, question.variable, json.dumps(question.schema))
    return sum(map(len, texts)) // CHARS_PER_TOKEN + question.max_tokens
