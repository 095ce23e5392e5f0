"""What an environment learns about its models and keeps from one batch to the next.

That is how long a model takes to answer, whether it is down, and a question that it answered.
"""

import threading
import time
from typing import NamedTuple

from reward_fn.deadline import Clock
from reward_fn.errors import JudgeFailure
from reward_fn.judge.base import Question
from reward_fn.judge.limit.attempt_time import AttemptTime
from reward_fn.judge.limit.breaker import Breaker
from reward_fn.judge.limit.control import Control
from reward_fn.types.unscored import Reason
from reward_fn.types.usage import BreakerEvent
from reward_fn.types.verdict import Verdicts

ANSWERED = frozenset(
    {
        Reason.TRUNCATED,
        Reason.REFUSED,
        Reason.MALFORMED,
        Reason.INCOMPLETE,
        Reason.FILTERED,
        Reason.MODEL_ERROR,
    }
)
"""Failures with which a model has answered: it is up, and its quota let the call through."""


class Attempt(NamedTuple):
    """How one attempt at a question ended, after ``took_s`` seconds."""

    question: Question
    took_s: float
    outcome: Verdicts | JudgeFailure

    @property
    def failure(self) -> JudgeFailure | None:
        """Why there are no verdicts; None if there are."""
        return self.outcome if isinstance(self.outcome, JudgeFailure) else None

    @property
    def is_answered(self) -> bool:
        """Whether the model answered, even if its reply was of no use."""
        return self.failure is None or self.failure.reason in ANSWERED


class ModelGate(NamedTuple):
    """What is known about one model."""

    attempt_time: AttemptTime
    breaker: Breaker
    control: Control

    def learn(self, attempt: Attempt) -> None:
        """Update what is known by an attempt that has ended."""
        failure = attempt.failure
        if failure is None:
            self.attempt_time.answered(attempt.took_s)
            self.control.answered(attempt.question)
        if failure is None or failure.reason in ANSWERED:
            self.breaker.answered(attempt.took_s)
        else:
            self.breaker.failed(attempt.question.key, failure)


class Gates:
    """One :class:`ModelGate` for each model, made when the model is first asked.

    ``clock`` returns seconds that only grow.
    """

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._gates: dict[str, ModelGate] = {}

    def of(self, model: str) -> ModelGate:
        """The gate of the model of that name."""
        with self._lock:
            if model not in self._gates:
                self._gates[model] = ModelGate(
                    AttemptTime(), Breaker(model, self._clock), Control(self._clock)
                )
            return self._gates[model]

    def take_events(self) -> tuple[BreakerEvent, ...]:
        """The circuits that opened and closed since this was last called."""
        with self._lock:
            gates = list(self._gates.values())
        return tuple(event for gate in gates for event in gate.breaker.take_events())
