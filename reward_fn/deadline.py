"""The deadline of a batch: an instant on the monotonic clock before which it must be answered."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Clock = Callable[[], float]
"""Returns the current time in seconds, on a scale that its user names."""

DEFAULT_BUDGET_S = 55.0
"""The time for a batch if nothing sets it: below the 60 s that a judge's Lambda needs at least (AWS's reward
function guide)."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """``at_s`` is an instant on the scale of ``clock``, in seconds."""

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
        """The deadline of a step that may take ``part`` (from 0 to 1) of the time left."""
        return Deadline.after(part * self.remaining_s(), self.clock)

    def earlier(self, seconds: float) -> "Deadline":
        """The deadline that many seconds before this one."""
        return Deadline(self.at_s - seconds, self.clock)


def budget_s(context: Any, *, longest_s: float, margin_s: float) -> float:
    """Seconds for the batch of one invocation: the time left by Lambda's clock less ``margin_s``.

    Never below 0. If less than two margins are left, it is half of the time left. ``longest_s`` is an upper
    bound, 0 for none. A ``context`` without a clock (AWS's verifier passes ``{}``) gives ``longest_s``, or
    ``DEFAULT_BUDGET_S``.
    """
    clock = getattr(context, "get_remaining_time_in_millis", None)
    if clock is None:
        return longest_s or DEFAULT_BUDGET_S
    remaining_s = max(0.0, float(clock()) / 1000)
    budget = remaining_s - min(margin_s, remaining_s / 2)
    return min(budget, longest_s or budget)
