"""An estimate: a value with its 95 % interval, or the reason for its absence."""

import math
from dataclasses import dataclass
from typing import Any

Z = 1.959963984540054
"""The 97.5 % quantile of the standard normal distribution, for two-sided 95 % intervals."""


@dataclass(frozen=True, slots=True)
class Interval:
    """The limits of a 95 % interval, ``low`` below ``high``, both finite."""

    low: float
    high: float

    def __post_init__(self) -> None:
        """Raises ValueError for an interval without width or with a limit that is not finite."""
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise ValueError(f"not an interval: [{self.low}, {self.high}]")

    @property
    def half_width(self) -> float:
        """Half the distance between the limits."""
        return (self.high - self.low) / 2


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure. ``value`` is None if it is undefined, and ``undefined`` then says why.

    ``interval`` is None for an undefined value, and where the labels can't give one; ``undefined`` says why.
    """

    value: float | None
    interval: Interval | None = None
    undefined: str = ""

    @property
    def half_width(self) -> float | None:
        """Half the width of the interval; None without an interval."""
        return self.interval.half_width if self.interval else None

    def as_json(self) -> dict[str, Any]:
        """``{"value", "low", "high"}``, or ``{"value", "undefined"}`` for a figure without an interval."""
        if self.interval is None:
            return {"value": self.value, "undefined": self.undefined}
        return {"value": self.value, "low": self.interval.low, "high": self.interval.high}


def undefined(reason: str) -> Estimate:
    """An estimate without a value."""
    return Estimate(None, undefined=reason)


def bounded(value: float, low: float, high: float) -> Estimate:
    """``value`` with the interval from ``low`` to ``high``, extended where it does not hold the value.

    An interval without width, or with limits that are not finite, makes the estimate undefined.
    """
    try:
        return Estimate(value, Interval(min(low, value), max(high, value)))
    except ValueError:
        return undefined("its interval can't be computed from these labels")
