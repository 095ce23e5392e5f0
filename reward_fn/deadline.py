"""An instant on the monotonic clock before which the batch must be answered."""

import time
from collections.abc import Callable
from dataclasses import dataclass

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Deadline:
    """``at_s`` is on ``clock``'s scale, in seconds."""

    at_s: float
    clock: Clock = time.monotonic

    @classmethod
    def after(cls, budget_s: float, clock: Clock = time.monotonic) -> "Deadline":
        """The deadline ``budget_s`` seconds from now."""
        return cls(clock() + budget_s, clock)

    def remaining_s(self) -> float:
        """Seconds left, never below 0."""
        return max(0.0, self.at_s - self.clock())

    def is_over(self) -> bool:
        """Whether no time is left."""
        return self.clock() >= self.at_s

    def share(self, part: float) -> "Deadline":
        """The deadline of a step that may take ``part`` of the time left, from 0 to 1."""
        return Deadline.after(part * self.remaining_s(), self.clock)

    def earlier(self, seconds: float) -> "Deadline":
        """The deadline that leaves so many seconds before this one."""
        return Deadline(self.at_s - seconds, self.clock)
