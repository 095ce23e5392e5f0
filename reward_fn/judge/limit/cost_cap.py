"""The cap on what the judge calls of one invocation may cost together."""

import threading

from reward_fn.errors import JudgeFailure
from reward_fn.judge.base import Model, Question, Reply
from reward_fn.judge.models.prices import price_of
from reward_fn.types.unscored import Reason

CHARS_A_TOKEN = 3
"""Fewer than English has, since this is an upper bound on tokens and not an estimate. Each character outside
ASCII counts as one token."""


def most_usd(question: Question, model: Model) -> float:
    """The most a call can cost, in US dollars: the prompt by its characters, the reply by ``max_tokens``."""
    price = price_of(model.name)
    shared_tokens = _most_tokens(question.system) + _most_tokens(question.static)
    own_tokens = _most_tokens(question.variable) + _most_tokens(str(question.schema))
    written_tokens = shared_tokens if model.caches(question.prefix_chars) else 0
    return price.of(
        shared_tokens - written_tokens + own_tokens, question.max_tokens, cache_write=written_tokens
    )


def _most_tokens(text: str) -> int:
    if text.isascii():
        return -(-len(text) // CHARS_A_TOKEN)
    ascii_chars = len(text.encode("ascii", "ignore"))
    return len(text) - ascii_chars - (-ascii_chars // CHARS_A_TOKEN)


class CostCap:
    """The cap of one invocation, used from many threads; ``cap_usd`` 0 sets no limit.

    A call begins only if the cap holds even when this call and all calls in flight cost :func:`most_usd`.
    A call that has ended counts with the tokens it used, and one that the service refused with 0. A call
    that timed out or was left behind counts with the most it can cost, since the model may have answered.
    """

    def __init__(self, cap_usd: float = 0.0) -> None:
        self._cap_usd = cap_usd
        self._lock = threading.Lock()
        self._held_usd = 0.0
        self.spent_usd = 0.0

    def hold(self, question: Question, model: Model) -> float:
        """Hold back the most that a call can cost, in US dollars, until one of the settle methods.

        Raises a final JudgeFailure, budget, if the cap might not hold.
        """
        if not self._cap_usd:
            return 0.0
        usd = most_usd(question, model)
        with self._lock:
            if self.spent_usd + self._held_usd + usd > self._cap_usd:
                raise JudgeFailure(Reason.BUDGET, "the invocation's cap on cost is reached", final=True)
            self._held_usd += usd
        return usd

    def settle(self, held_usd: float, model: Model, reply: Reply) -> None:
        """Count a call that has ended with the tokens of its ``reply``."""
        usd = price_of(model.name).of(
            reply.input_tokens, reply.output_tokens, reply.cache_read_tokens, reply.cache_write_tokens
        )
        self._spend(held_usd, usd)

    def settle_unknown(self, held_usd: float, model: Model, question: Question) -> None:
        """Count a call that timed out or was left behind with the most it can cost."""
        self._spend(held_usd, held_usd or most_usd(question, model))

    def _spend(self, held_usd: float, usd: float) -> None:
        with self._lock:
            self._held_usd -= held_usd
            self.spent_usd += usd
