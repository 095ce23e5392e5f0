"""A score that falls with a share: 1 up to one share, 0 from another on, and a straight line between."""

from collections.abc import Callable, Mapping
from typing import Any

_SHARE = {"type": "number", "minimum": 0, "maximum": 1}
SHARES: Mapping[str, Any] = {"free_share": _SHARE, "zero_share": _SHARE}
"""The parameters of a check that scores so."""

ScoreOfShare = Callable[[float], float]
"""From a share in [0, 1] to a score in [0, 1]."""


def linear_score(parameters: Mapping[str, Any], free_share: float, zero_share: float) -> ScoreOfShare:
    """By the ``SHARES`` of a check's parameters, or these where it has none.

    Raises ValueError where the free share is not below the other.
    """
    free, zero = parameters.get("free_share", free_share), parameters.get("zero_share", zero_share)
    if not free < zero:
        raise ValueError(f"needs free_share < zero_share, has {free} and {zero}")
    return lambda share: min(1.0, max(0.0, (zero - share) / (zero - free)))
