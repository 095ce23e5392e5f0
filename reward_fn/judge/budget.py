"""What an invocation's judge calls may cost together."""

import threading

from reward_fn.errors import JudgeFailure
from reward_fn.judge.base import Question
from reward_fn.judge.prices import price_of
from reward_fn.rubric import Reason

CHARS_A_TOKEN = 3
"""Fewer than English has: a bound for what a question may cost, not a guess at it."""


class Budget:
    """For one invocation, from many threads. ``cap_usd`` 0 sets no limit.

    A call begins only where the cap holds even if it and all that are running cost the most they can: the
    prompt at ``CHARS_A_TOKEN`` and all of ``max_tokens``. A call that ends counts as what it used, a failed
    one that names no tokens as nothing.
    """

    def __init__(self, cap_usd: float = 0.0) -> None:
        self._cap_usd = cap_usd
        self._lock = threading.Lock()
        self._held_usd = 0.0
        self.spent_usd = 0.0

    def hold(self, question: Question, model: str) -> float:
        """Set aside what a call may cost, in US dollars; :meth:`settle` takes it back.

        Raises a final JudgeFailure, budget, where the cap may not hold.
        """
        if not self._cap_usd:
            return 0.0
        chars = (
            len(question.system) + len(question.static) + len(question.variable) + len(str(question.schema))
        )
        most_usd = price_of(model).of(chars // CHARS_A_TOKEN, question.max_tokens)
        with self._lock:
            if self.spent_usd + self._held_usd + most_usd > self._cap_usd:
                raise JudgeFailure(Reason.BUDGET, "the invocation's cap on cost is reached", final=True)
            self._held_usd += most_usd
        return most_usd

    def settle(self, held_usd: float, model: str, input_tokens: int, output_tokens: int) -> None:
        """A call ended: these tokens are what it used."""
        with self._lock:
            self._held_usd -= held_usd
            self.spent_usd += price_of(model).of(input_tokens, output_tokens)
