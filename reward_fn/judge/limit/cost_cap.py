"""What an invocation's judge calls may cost together."""

import threading

from reward_fn.errors import JudgeFailure
from reward_fn.judge.base import Question, Reply
from reward_fn.judge.models.catalogue import ModelProfile
from reward_fn.judge.models.prices import price_of
from reward_fn.types.unscored import Reason

CHARS_A_TOKEN = 3
"""Fewer than English has: a bound for what a question may cost, not a guess at it. Of other characters than
ASCII's each counts as a token."""


def most_usd(question: Question, model: ModelProfile) -> float:
    """What a call may cost at the most, in US dollars: its prompt by characters and all of ``max_tokens``."""
    price = price_of(model.name)
    shared = _most_tokens(question.system) + _most_tokens(question.static)
    own = _most_tokens(question.variable) + _most_tokens(str(question.schema))
    written = shared if model.caches(question.prefix_chars) else 0
    return price.of(shared - written + own, question.max_tokens, cache_write=written)


def _most_tokens(text: str) -> int:
    if text.isascii():
        return -(-len(text) // CHARS_A_TOKEN)
    ascii_chars = len(text.encode("ascii", "ignore"))
    return len(text) - ascii_chars - (-ascii_chars // CHARS_A_TOKEN)


class Budget:
    """For one invocation, from many threads. ``cap_usd`` 0 sets no limit.

    A call begins only where the cap holds even if it and all that are running cost :func:`most_usd`. A call
    that ends counts as what it used; one of which nobody knows, as it timed out or was left behind, as the
    most that it may cost, since the model may have answered; one that was refused as nothing.
    """

    def __init__(self, cap_usd: float = 0.0) -> None:
        self._cap_usd = cap_usd
        self._lock = threading.Lock()
        self._held_usd = 0.0
        self.spent_usd = 0.0

    def hold(self, question: Question, model: ModelProfile) -> float:
        """Set aside what a call may cost, in US dollars; :meth:`settle` takes it back.

        Raises a final JudgeFailure, budget, where the cap may not hold.
        """
        if not self._cap_usd:
            return 0.0
        usd = most_usd(question, model)
        with self._lock:
            if self.spent_usd + self._held_usd + usd > self._cap_usd:
                raise JudgeFailure(Reason.BUDGET, "the invocation's cap on cost is reached", final=True)
            self._held_usd += usd
        return usd

    def settle(self, held_usd: float, model: ModelProfile, used: Reply) -> None:
        """A call ended: ``used`` names its tokens."""
        usd = price_of(model.name).of(
            used.input_tokens, used.output_tokens, used.cache_read_tokens, used.cache_write_tokens
        )
        self._spend(held_usd, usd)

    def settle_unknown(self, held_usd: float, model: ModelProfile, question: Question) -> None:
        """A call timed out or was left behind."""
        self._spend(held_usd, held_usd or most_usd(question, model))

    def _spend(self, held_usd: float, usd: float) -> None:
        with self._lock:
            self._held_usd -= held_usd
            self.spent_usd += usd
