"""A token bucket: the limit on calls a second."""

from collections.abc import Callable


class TokenBucket:
    """Lets ``rate_per_s`` calls a second through, and a second's worth (at least one) at once.

    A rate of 0 sets no limit. ``clock`` gives seconds on a clock that never goes back.
    """

    def __init__(self, rate_per_s: float, clock: Callable[[], float]) -> None:
        self._rate_per_s = rate_per_s
        self._capacity = max(1.0, rate_per_s)
        self._tokens = self._capacity
        self._clock = clock
        self._filled_at_s = clock()

    def take(self) -> bool:
        """Whether one more call may pass now."""
        if not self._rate_per_s:
            return True
        now_s = self._clock()
        gained = (now_s - self._filled_at_s) * self._rate_per_s
        self._tokens = min(self._capacity, self._tokens + gained)
        self._filled_at_s = now_s
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
