"""How long one attempt at a model may take before it is cut off.

A call that hangs uses up the time of several attempts. Some models and definitions need a hundred times
longer to answer than others, so the limit is a multiple of the slowest of the model's last answers. Until
there are ``ENOUGH_ANSWERS``, only the configured time-out holds.
"""

import threading
from collections import deque

ANSWERS_KEPT = 64
"""A full batch of the default size."""
ENOUGH_ANSWERS = 8
SLOWEST_TIMES = 4.0
"""The spread between the questions of one definition: 20 items take about four times as long as five."""
SHORTEST_S = 2.0
"""No attempt is cut off earlier, since a new connection sometimes takes this long."""


class AttemptTime:
    """The limit for one model, kept as long as the environment lives and used from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._took_s: deque[float] = deque(maxlen=ANSWERS_KEPT)

    def answered(self, took_s: float) -> None:
        """Record that an attempt returned verdicts after ``took_s`` seconds."""
        with self._lock:
            self._took_s.append(took_s)

    def limit_s(self, longest_s: float, time_outs: int = 0) -> float:
        """Seconds for the next attempt of a call, at most ``longest_s``.

        Each of the call's ``time_outs`` so far doubles the limit, since its question may take longer than
        others.
        """
        with self._lock:
            if len(self._took_s) < ENOUGH_ANSWERS:
                return longest_s
            slowest_s = max(self._took_s)
        return min(longest_s, max(SHORTEST_S, SLOWEST_TIMES * slowest_s) * 2.0**time_outs)
