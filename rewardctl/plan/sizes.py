"""Tokens of judge calls: of the request as it is sent, of the usual reply, and of the longest."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from reward_fn.errors import JudgeFailure
from reward_fn.judge.base import CHARS_PER_TOKEN, Model, Question
from reward_fn.judge.models.catalogue import profile
from reward_fn.judge.models.provider import is_default
from reward_fn.judge.providers.bedrock.converse import converse_request
from rewardctl.judge_demand import tokens_of
from rewardctl.judges.stand_in import StandInJudge


@dataclass(frozen=True, slots=True)
class Sizes:
    """Means over the questions of a sample, in tokens a call; 0 without questions.

    ``prefix`` is the part of ``input`` that the rollouts of a group share. ``usual`` is the reply that the
    stand-in writes to the same question, ``most`` the reserved ``maxTokens``.
    """

    questions: int
    input: float
    prefix: float
    usual: float
    most: float


MAX_QUESTIONS = 256
"""Questions whose size is taken: sizes vary less than the share of rollouts that is judged."""


def sizes_of(questions: Sequence[Question], model: str, *, chars_per_token: float) -> Sizes:
    """The sizes of calls to ``model``. Only the tokens of texts follow ``chars_per_token``."""
    known, judge = profile(model), StandInJudge()
    every = -(-len(questions) // MAX_QUESTIONS) or 1
    scale = CHARS_PER_TOKEN / chars_per_token
    rows = [
        (
            _input_tokens(question, known) * scale,
            question.prefix_chars / chars_per_token,
            min(_usual_tokens(question, known, judge) * scale, question.max_tokens),
            question.max_tokens,
        )
        for question in questions[::every]
    ]
    means = [sum(column) / len(rows) for column in zip(*rows, strict=True)] if rows else [0.0] * 4
    return Sizes(len(rows), *means)


def _input_tokens(question: Question, model: Model) -> float:
    """Four characters a token of the whole request: the tool and its schema are read too."""
    if not is_default(model.name):
        return tokens_of(question)[0]
    request = converse_request(question, model)
    del request["modelId"]  # stands in the URL
    return len(json.dumps(request)) / CHARS_PER_TOKEN


def _usual_tokens(question: Question, model: Model, judge: StandInJudge) -> float:
    """The length of the stand-in's reply, which holds every verdict with its evidence from this rollout."""
    try:
        return judge.ask(question, model).output_tokens
    except JudgeFailure:
        return question.max_tokens / 2
