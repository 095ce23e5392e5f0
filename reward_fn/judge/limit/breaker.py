"""A circuit breaker: while a model is down, calls that have a fallback model go there at once.

It saves time and never costs a reward. A call without a fallback is never turned away: it retries with
back-off for as long as its deadline allows. Such calls, and one probe every few seconds, notice when the
model is back.
"""

import threading
import time

from reward_fn.deadline import Clock
from reward_fn.errors import JudgeFailure
from reward_fn.types.unscored import Reason
from reward_fn.types.usage import BreakerEvent

DOWN = frozenset({Reason.UNAVAILABLE, Reason.TIMEOUT})
"""Failures of a model that is down. Throttling is not one of them: it shows that the service answers."""
OPENS_AT = 5
"""The circuit opens after this many different questions have failed in a row, with no answer in between.
Fewer may be questions that themselves break the model, however often they are retried."""
FORGET_AFTER_S = 60.0
"""A failure older than this says nothing about the model now."""
PROBE_EVERY_S = 2.0
"""A probe may hang, so the next one is sent whether or not the last one has ended."""


class Breaker:
    """The circuit of one model, kept as long as the environment lives and used from many threads.

    ``clock`` returns seconds that only grow.
    """

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
        """Whether calls with a fallback model are sent there."""
        with self._lock:
            self._forget()
            return self._probe_at_s is not None

    def enter(self) -> None:
        """Admit a call that has a fallback model.

        Raises a final JudgeFailure, circuit open, to send the call to its fallback.
        """
        with self._lock:
            self._forget()
            if self._probe_at_s is None:
                return
            if (now_s := self._clock()) >= self._probe_at_s:
                self._probe_at_s = now_s + PROBE_EVERY_S
                return
        raise JudgeFailure(Reason.CIRCUIT_OPEN, f"the model is down: {self._cause}", final=True)

    def failed(self, question_key: str, failure: JudgeFailure) -> None:
        """Record a failed question. Only failures whose reason is in ``DOWN`` count."""
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
        """Record that the model answered a question after ``took_s`` seconds: the circuit closes.

        An answer to a question that was sent before the circuit opened says nothing about the time since.
        """
        with self._lock:
            if self._probe_at_s is not None and self._clock() - took_s < self._opened_at_s:
                return
            self._failed_at_s.clear()
            self._close()

    def take_events(self) -> tuple[BreakerEvent, ...]:
        """The events since the last call of this method."""
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
