"""How long one attempt at a model may take before it is taken for a straggler.

A call that hangs costs its rollout the time of several attempts. Answers take a hundred times longer from one
model and definition than from another, so the limit comes from the model's own last answers: a multiple of
the slowest. Until there are enough of them only the configured time-out holds.
"""

import threading
from collections import deque

ANSWERS_KEPT = 64
"""A full batch of the default size."""
ENOUGH_ANSWERS = 8
SLOWEST_TIMES = 4.0
"""Above the spread between questions of one definition: 20 items take about four times as long as five."""
SHORTEST_S = 2.0
"""No attempt is cut off earlier: a new connection takes that long now and then."""


class AttemptTime:
    """The limit for one model, as long as the environment lives, from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._took_s: deque[float] = deque(maxlen=ANSWERS_KEPT)

    def answered(self, took_s: float) -> None:
        """An attempt gave verdicts after ``took_s`` seconds."""
        with self._lock:
            self._took_s.append(took_s)

    def limit_s(self, most_s: float, timed_out: int = 0) -> float:
        """Seconds for the next attempt of a call, at most ``most_s``.

        ``timed_out`` counts the call's earlier attempts that timed out. Each doubles the limit, since the
        question may take longer than the others.
        """
        with self._lock:
            if len(self._took_s) < ENOUGH_ANSWERS:
                return most_s
            slowest_s = max(self._took_s)
        return min(most_s, max(SHORTEST_S, SLOWEST_TIMES * slowest_s) * 2.0**timed_out)
