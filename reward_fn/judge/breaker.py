"""A circuit breaker: while a model is down nobody waits for it, and single calls find out when it is back."""

import math
import threading
import time
from collections import deque

from reward_fn.deadline import Clock
from reward_fn.errors import JudgeFailure
from reward_fn.rubric import Reason

DOWN = frozenset({Reason.UNAVAILABLE, Reason.TIMEOUT})
"""What a judge that is down looks like. A throttle says nothing: it comes from the door alone."""
WINDOW_CALLS = 20
LEAST_CALLS = 8
OPEN_SHARE = 0.8
"""Of the last calls. Well above what retries make good: an open circuit costs rewards."""
FORGET_AFTER_S = 60.0
TIMEOUTS_IN_A_ROW = 3
"""However long ago: rollouts that come one at a time never fill the window with calls that take long."""
PROBE_EVERY_S = 2.0
"""A probe may hang, so another one follows whether or not it has ended."""


class Breaker:
    """For one model, as long as the environment lives, from many threads. ``clock`` gives seconds.

    Closed, it lets all calls pass and watches how the last ``WINDOW_CALLS`` ended, and how many in a row
    timed out (one during which another was answered is a straggler, no hang). Open, it lets one pass every
    ``PROBE_EVERY_S``; the first that is answered closes it, whatever the answer.
    """

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._ended: deque[tuple[float, bool]] = deque(maxlen=WINDOW_CALLS)
        self._probe_at_s: float | None = None
        self._answered_at_s = -math.inf
        self._timeouts = 0  # since then

    def is_open(self) -> bool:
        """Whether calls are turned away."""
        return self._probe_at_s is not None

    def enter(self) -> bool:
        """Before a call: whether it is a probe.

        Raises a final JudgeFailure, circuit open, where it is not to be made.
        """
        if not self.is_open():
            return False
        with self._lock:
            if self._probe_at_s is None:
                return False
            if (now_s := self._clock()) >= self._probe_at_s:
                self._probe_at_s = now_s + PROBE_EVERY_S
                return True
        raise JudgeFailure(Reason.CIRCUIT_OPEN, "the model is down", final=True)

    def ended(self, failure: Reason | None, took_s: float = 0.0) -> None:
        """After a call that was sent: why it failed, None where it gave verdicts."""
        if failure is Reason.THROTTLED:
            return
        with self._lock:
            now_s, failed = self._clock(), failure in DOWN
            if not failed:
                self._answered_at_s, self._timeouts = now_s, 0
                if self.is_open():
                    self._probe_at_s = None
                    self._ended.clear()
            elif failure is Reason.TIMEOUT and now_s - took_s >= self._answered_at_s:
                self._timeouts += 1
            self._ended.append((now_s, failed))
            if failed and not self.is_open() and self._is_down(now_s):
                self._probe_at_s = now_s + PROBE_EVERY_S

    def _is_down(self, now_s: float) -> bool:
        if self._timeouts >= TIMEOUTS_IN_A_ROW:
            return True
        recent = [is_down for at_s, is_down in self._ended if now_s - at_s <= FORGET_AFTER_S]
        return len(recent) >= LEAST_CALLS and sum(recent) >= OPEN_SHARE * len(recent)
