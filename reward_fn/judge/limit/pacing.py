"""Waits between the attempts of a batch, cut short by the model's answers.

Exponential back-off sets the longest wait of a call, without regard to the other calls of the batch. An
answer shows that the model accepts calls again, so each answer ends the waits of two calls. The rate of
accepted calls can then double with each round of answers, as in TCP's slow start (RFC 5681). A used-up quota
gives no answers, so it ends no wait early. A call never waits longer than with plain back-off, and nothing is
kept from one batch to the next.
"""

import threading
from collections import deque
from collections.abc import Callable

BROUGHT_FORWARD = 2
"""The waits that one answer ends: the first keeps up the rate of accepted calls, the second raises it."""

WaitFor = Callable[[threading.Event, float], bool]
"""Waits for an event, at most that many seconds; returns whether it is set."""


class Pacing:
    """The waits of one batch for one model, used from many threads.

    Attempts are numbered from 1 in the order in which they begin: ``begun`` is the last number, and
    ``last_answered`` the highest one of an attempt that the model answered, 0 before the first answer.
    ``abandoned`` is set when the batch ends.
    """

    def __init__(self, abandoned: threading.Event, *, wait_for: WaitFor = threading.Event.wait) -> None:
        self.begun = 0
        self.last_answered = 0
        self._abandoned = abandoned
        self._wait_for = wait_for
        self._lock = threading.Lock()
        self._waiting: deque[threading.Event] = deque()

    def __len__(self) -> int:
        """The number of waits that an answer can end."""
        return len(self._waiting)

    def begin(self) -> int:
        """Register an attempt that begins; returns its number, for :meth:`answered`."""
        with self._lock:
            self.begun += 1
            return self.begun

    def wait(self, wait_s: float, *, at_least_s: float) -> None:
        """Return after ``wait_s`` seconds, or, once ``at_least_s`` are over, when an answer comes in.

        ``at_least_s`` is at most ``wait_s``.
        """
        if self._wait_for(self._abandoned, at_least_s):
            return
        released = threading.Event()
        with self._lock:
            if self._abandoned.is_set():
                return
            self._waiting.append(released)
        if not self._wait_for(released, wait_s - at_least_s):
            with self._lock:
                if released in self._waiting:
                    self._waiting.remove(released)

    def answered(self, number: int) -> None:
        """Record that the model answered the attempt of that number, and end the two oldest waits."""
        with self._lock:
            self.last_answered = max(self.last_answered, number)
            for _ in range(min(BROUGHT_FORWARD, len(self._waiting))):
                self._waiting.popleft().set()

    def close(self) -> None:
        """End all waits; call it once ``abandoned`` is set."""
        with self._lock:
            while self._waiting:
                self._waiting.popleft().set()
