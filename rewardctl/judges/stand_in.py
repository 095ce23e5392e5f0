"""The offline judge in this process: it compares words, costs nothing, and says nothing about quality."""

import json

from reward_fn.errors import JudgeFailure
from reward_fn.judge.base import CHARS_PER_TOKEN, Model, Question, Reply
from reward_fn.types.unscored import Reason
from rewardctl.emulate.judge.fill import fill
from rewardctl.emulate.judge.material import read_material
from rewardctl.emulate.request import InvalidRequestError


class StandInJudge:
    """Answers as the stand-in for Bedrock does, without a server. Tokens are estimated from characters."""

    def ask(self, question: Question, model: Model, *, within_s: float | None = None) -> Reply:  # noqa: ARG002
        """Every verdict, by comparing words."""
        texts = (question.system, question.static, question.variable)
        try:
            content = fill(question.schema, read_material(texts))
        except InvalidRequestError as error:
            raise JudgeFailure(Reason.INVALID_REQUEST, str(error)) from error
        read = sum(map(len, texts)) // CHARS_PER_TOKEN
        written = len(json.dumps(content)) // CHARS_PER_TOKEN
        return Reply(content, input_tokens=read, output_tokens=written)

    def warm(self) -> None:
        """Nothing to load."""
