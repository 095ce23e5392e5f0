"""The calls of one invocation that were sent to a judge and have not ended.

A call may end at the very moment at which its invocation does. Both ask here, under a lock, so that it is
counted once: by itself where it ended first, else as one that was left behind.
"""

import itertools
import threading
import time
from typing import NamedTuple

from reward_fn.judge.base import Question
from reward_fn.judge.models.catalogue import ModelProfile


class Sent(NamedTuple):
    """A call, what was held for it, and when it was sent, on the monotonic clock, in seconds."""

    question: Question
    model: ModelProfile
    held_usd: float
    at_s: float


class UnderWay:
    """For one invocation, from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        self._sent: dict[int, Sent] = {}
        self._is_closed = False

    def begin(self, question: Question, model: ModelProfile, held_usd: float) -> int:
        """A call is about to be sent: its number, for :meth:`end`."""
        sent = Sent(question, model, held_usd, time.monotonic())
        with self._lock:
            number = next(self._numbers)
            if not self._is_closed:
                self._sent[number] = sent
        return number

    def end(self, number: int) -> bool:
        """A call has ended: whether it counts. One that was left behind does not any more."""
        with self._lock:
            return self._sent.pop(number, None) is not None

    def is_empty(self) -> bool:
        """Whether no call is on its way."""
        with self._lock:
            return not self._sent

    def close(self) -> list[Sent]:
        """The invocation ends: all that are left behind. No call counts from now on."""
        with self._lock:
            self._is_closed = True
            left, self._sent = list(self._sent.values()), {}
        return left
