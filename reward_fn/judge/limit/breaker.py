"""A circuit breaker: while a model is down, those who can ask another model go there at once.

It spares time, never rewards: a call without another model to ask is not turned away, it waits by back-off
for as long as its deadline allows. Such calls, and one probe every few seconds, find out when the model is
back.
"""

import threading
import time

from reward_fn.deadline import Clock
from reward_fn.errors import JudgeFailure
from reward_fn.types.unscored import Reason
from reward_fn.types.usage import BreakerEvent

DOWN = frozenset({Reason.UNAVAILABLE, Reason.TIMEOUT})
"""Failures of a model that is down. A throttled call shows the opposite: the service answers."""
OPENS_AT = 5
"""Different questions that failed one after the other, none answered in between. Fewer may be questions that
break the model themselves, however often they are asked."""
FORGET_AFTER_S = 60.0
"""A failure says nothing about the model a minute later."""
PROBE_EVERY_S = 2.0
"""A probe may hang, so the next one follows whether or not it has ended."""


class Breaker:
    """For one model, as long as the environment lives, from many threads. ``clock`` gives seconds."""

    def __init__(self, model: str, clock: Clock = time.monotonic) -> None:
        self._model = model
        self._clock = clock
        self._lock = threading.Lock()
        self._failed_at_s: dict[str, float] = {}  # by question, since the last answer
        self._probe_at_s: float | None = None
        self._opened_at_s = 0.0
        self._cause = ""
        self._events: list[BreakerEvent] = []

    def is_open(self) -> bool:
        """Whether calls that can ask another model are sent there."""
        with self._lock:
            self._forget()
            return self._probe_at_s is not None

    def enter(self) -> None:
        """Before a call that can ask another model; raises a final JudgeFailure, circuit open, to send it
        there."""
        with self._lock:
            self._forget()
            if self._probe_at_s is None:
                return
            if (now_s := self._clock()) >= self._probe_at_s:
                self._probe_at_s = now_s + PROBE_EVERY_S
                return
        raise JudgeFailure(Reason.CIRCUIT_OPEN, f"the model is down: {self._cause}", final=True)

    def failed(self, question_key: str, failure: JudgeFailure) -> None:
        """A question got no answer, for one of the reasons in ``DOWN``; others say nothing."""
        if failure.reason not in DOWN:
            return
        with self._lock:
            self._forget()
            now_s = self._clock()
            self._failed_at_s[question_key] = now_s
            if self._probe_at_s is None and len(self._failed_at_s) >= OPENS_AT:
                self._opened_at_s, self._probe_at_s = now_s, now_s + PROBE_EVERY_S
                self._cause = str(failure)
                self._events.append(BreakerEvent(self._model, True, self._cause))

    def answered(self, took_s: float) -> None:
        """A question was answered after ``took_s`` seconds, in whatever way: the model is up.

        If the question was sent before the circuit opened, it was up only then.
        """
        with self._lock:
            if self._probe_at_s is not None and self._clock() - took_s < self._opened_at_s:
                return
            self._failed_at_s.clear()
            self._close()

    def take_events(self) -> tuple[BreakerEvent, ...]:
        """What happened since this was last called."""
        with self._lock:
            self._forget()
            events, self._events = tuple(self._events), []
        return events

    def _forget(self) -> None:
        oldest_s = self._clock() - FORGET_AFTER_S
        self._failed_at_s = {key: at_s for key, at_s in self._failed_at_s.items() if at_s >= oldest_s}
        if not self._failed_at_s:
            self._close()

    def _close(self) -> None:
        if self._probe_at_s is not None:
            self._probe_at_s = None
            self._events.append(BreakerEvent(self._model, False, self._cause))
