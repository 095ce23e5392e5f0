"""The calls of one invocation that were sent to a judge and have not ended.

A call may end at the very moment at which its invocation ends. Both ask this registry, under a lock, so each
call is counted once: by its own thread if it ended first, else by the invocation that left it behind.
"""

import itertools
import threading
from typing import NamedTuple

from reward_fn.judge.base import Model, Question


class SentCall(NamedTuple):
    """A call in flight; ``held_usd`` is the amount that the cost cap holds back for it."""

    question: Question
    model: Model
    held_usd: float


class InFlight:
    """The registry of one invocation, used from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        self._calls: dict[int, SentCall] = {}
        self._is_closed = False

    def begin(self, call: SentCall) -> int:
        """Register a call that is about to be sent; returns its number, for :meth:`end`."""
        with self._lock:
            number = next(self._numbers)
            if not self._is_closed:
                self._calls[number] = call
        return number

    def end(self, number: int) -> bool:
        """Unregister a call that has ended. False for a call that its invocation has left behind."""
        with self._lock:
            return self._calls.pop(number, None) is not None

    def is_empty(self) -> bool:
        """Whether no call is in flight."""
        with self._lock:
            return not self._calls

    def close(self) -> list[SentCall]:
        """End the invocation: return the calls left behind. Calls that begin later are not registered."""
        with self._lock:
            self._is_closed = True
            left_behind, self._calls = list(self._calls.values()), {}
        return left_behind
