"""A score that falls linearly with a share, from 1 to 0."""

from collections.abc import Callable, Mapping
from typing import Any

_SHARE = {"type": "number", "minimum": 0, "maximum": 1}
SHARES: Mapping[str, Any] = {"free_share": _SHARE, "zero_share": _SHARE}
"""The JSON Schema of the parameters of a check that uses :func:`linear_score`."""

ScoreOfShare = Callable[[float], float]
"""Maps a share in [0, 1] to a score in [0, 1]."""


def linear_score(parameters: Mapping[str, Any], free_share: float, zero_share: float) -> ScoreOfShare:
    """A score of 1 up to ``free_share``, 0 from ``zero_share`` on, and linear between them.

    ``parameters`` may replace either default. Raises ValueError if the free share is not the smaller one.
    """
    free, zero = parameters.get("free_share", free_share), parameters.get("zero_share", zero_share)
    if not free < zero:
        raise ValueError(f"free_share must be below zero_share, but they are {free} and {zero}")
    return lambda share: min(1.0, max(0.0, (zero - share) / (zero - free)))
