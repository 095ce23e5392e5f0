"""A control: the last question that a model answered, asked again beside a question that fails.

While only one call is in flight, nothing tells an outage from a question that breaks the model. This happens
to a batch of one rollout and to the last calls of any batch. If the model answers the control, it is up, and
the failing call ends after its attempts. If not, the call keeps waiting for the model.
"""

import threading

from reward_fn.deadline import Clock
from reward_fn.judge.base import Question
from reward_fn.judge.limit.breaker import PROBE_EVERY_S


class Control:
    """The control of one model, kept as long as the environment lives and used from many threads.

    ``clock`` returns seconds that only grow.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._answered: Question | None = None
        self._next_at_s = clock()

    def answered(self, question: Question) -> None:
        """Record a question on which the model returned verdicts."""
        self._answered = question

    def beside(self, failing: Question) -> Question | None:
        """The question to ask beside ``failing``.

        None if the model has answered no other question, or if the last control was asked less than
        ``PROBE_EVERY_S`` ago.
        """
        with self._lock:
            question = self._answered
            if question is None or question.key == failing.key or self._clock() < self._next_at_s:
                return None
            self._next_at_s = self._clock() + PROBE_EVERY_S
            return question
