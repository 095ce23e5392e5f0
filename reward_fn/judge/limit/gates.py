"""What an environment knows about its models, from one batch to the next: how fast they answer, and if at
all."""

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
"""No verdicts, but the model was there and its quota let the call through."""


class Attempted(NamedTuple):
    """How one attempt at a question ended after ``took_s`` seconds; ``failure`` None for verdicts."""

    question: Question
    took_s: float
    failure: JudgeFailure | None = None

    @property
    def answered(self) -> bool:
        """Whether the model answered, if only with something unusable."""
        return self.failure is None or self.failure.reason in ANSWERED


class ModelGate(NamedTuple):
    """What is known about one model."""

    attempt_time: AttemptTime
    breaker: Breaker
    control: Control

    def learn(self, attempted: Attempted) -> None:
        """Take in how an attempt ended that was sent to the model."""
        if attempted.failure is None:
            self.attempt_time.answered(attempted.took_s)
            self.control.answered(attempted.question)
        if attempted.answered:
            self.breaker.answered(attempted.took_s)
        elif attempted.failure is not None:
            self.breaker.failed(attempted.question.key, attempted.failure)


class Gates:
    """One :class:`ModelGate` for each model, made when the model is first asked. ``clock`` gives seconds."""

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
