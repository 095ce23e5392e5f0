"""Checks: their results, their one signature, and how a definition uses them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from reward_fn.types.rollout import Rollout
from reward_fn.types.unscored import Unscored


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of a check: ``score`` in [0, 1], 1 is best; ``detail`` says why and quotes no rollout."""

    score: float
    detail: str = ""


Check = Callable[[Rollout], "CheckResult | Unscored"]
"""The one signature of every check, whatever its role."""


@dataclass(frozen=True, slots=True)
class CheckSpec:
    """A check as a definition uses it; its role is the list of the definition that holds it.

    ``weight`` > 0 is used by scores, relative to each other, and by penalties, as the largest share of the
    range that they take off. ``reward`` (absolute, within the range) and ``min_score`` are used by gates.
    ``kind`` is the check's name in the catalogue and ``parameters`` are those that it was built with; both
    are for tools that explain results.
    """

    name: str
    check: Check
    weight: float = 1.0
    reward: float = 0.0
    min_score: float = 1.0
    kind: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict, compare=False)
