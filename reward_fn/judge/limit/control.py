"""A control: the last question that a model answered, asked again beside one that fails.

If a call fails and nobody else asks its model, nothing tells an outage from a question that breaks the model.
So it goes for a rollout that comes alone, and for the last ones of a batch. If the control is answered, the
model is up, and the failing call ends after its attempts; else it waits for the model.
"""

import threading

from reward_fn.deadline import Clock
from reward_fn.judge.base import Question
from reward_fn.judge.limit.breaker import PROBE_EVERY_S


class Control:
    """For one model, as long as the environment lives, from many threads. ``clock`` gives seconds."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._answered: Question | None = None
        self._next_at_s = clock()

    def answered(self, question: Question) -> None:
        """The model gave verdicts on it."""
        self._answered = question

    def beside(self, failing: Question) -> Question | None:
        """The question to ask beside a failing one.

        None where no other was answered, and where one was asked less than ``PROBE_EVERY_S`` ago.
        """
        with self._lock:
            question = self._answered
            if question is None or question.key == failing.key or self._clock() < self._next_at_s:
                return None
            self._next_at_s = self._clock() + PROBE_EVERY_S
            return question
