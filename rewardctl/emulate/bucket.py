"""A token bucket, for one quota."""

import heapq
from collections.abc import Callable

from reward_fn.deadline import Clock


def nothing_lost(_age_s: float) -> float:
    """The loss of a quota that no other caller uses: none."""
    return 0.0


class TokenBucket:
    """Fills at ``rate_per_s`` up to ``capacity``, by default a second's worth and at least one.

    A rate of 0 sets no limit. ``clock`` returns monotonic seconds. ``lost_s`` maps the bucket's age, in
    seconds, to the seconds' worth of quota that others have used up to that age.
    """

    def __init__(
        self,
        rate_per_s: float,
        clock: Clock,
        *,
        capacity: float | None = None,
        lost_s: Callable[[float], float] = nothing_lost,
    ) -> None:
        self._rate_per_s = rate_per_s
        self._capacity = max(1.0, rate_per_s) if capacity is None else capacity
        self._tokens = self._capacity
        self._clock = clock
        self._lost_s = lost_s
        self._began_s = self._filled_at_s = clock()
        self._corrections: list[tuple[float, float]] = []

    def take(self, amount: float = 1.0) -> bool:
        """Take ``amount`` if the bucket holds that much; whether it did."""
        if not self._rate_per_s:
            return True
        self._fill()
        if self._tokens < amount:
            return False
        self._tokens -= amount
        return True

    def correct(self, amount: float, at_s: float) -> None:
        """Return ``amount`` at a time on the bucket's clock. A negative amount is always taken."""
        heapq.heappush(self._corrections, (at_s, amount))

    def _fill(self) -> None:
        now_s = self._clock()
        while self._corrections and self._corrections[0][0] <= now_s:
            self._fill_until(self._corrections[0][0])
            self._tokens = min(self._capacity, self._tokens + heapq.heappop(self._corrections)[1])
        self._fill_until(now_s)

    def _fill_until(self, at_s: float) -> None:
        if at_s > self._filled_at_s:
            lost_s = self._lost_s(at_s - self._began_s) - self._lost_s(self._filled_at_s - self._began_s)
            gained_s = max(0.0, at_s - self._filled_at_s - lost_s)
            self._tokens = min(self._capacity, self._tokens + gained_s * self._rate_per_s)
            self._filled_at_s = at_s
