"""Length in characters: 1 within ``min_chars`` … ``max_chars``, falling to 0 outside.

Over ``max_chars`` the score falls in a straight line and reaches 0 at ``zero_at_chars`` (by default twice
``max_chars``; equal to it for a hard limit). Under ``min_chars`` it is the share of the missing length.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reward_fn.types import Check, CheckResult, Rollout

_CHARS = {"type": "integer", "minimum": 1, "maximum": 10_000_000}
PARAMETERS: Mapping[str, Any] = {
    "type": "object",
    "properties": {"max_chars": _CHARS, "zero_at_chars": _CHARS, "min_chars": _CHARS},
    "required": ["max_chars"],
    "additionalProperties": False,
}


def build(parameters: Mapping[str, Any], folder: Path) -> Check:
    """Raises ValueError where the limits contradict each other."""
    most: int = parameters["max_chars"]
    zero_at: int = parameters.get("zero_at_chars", 2 * most)
    least: int = parameters.get("min_chars", 0)
    if not least <= most <= zero_at:
        raise ValueError(f"needs min_chars <= max_chars <= zero_at_chars, has {least}, {most}, {zero_at}")

    def check(rollout: Rollout) -> CheckResult:
        length = len(rollout.response)
        if length < least:
            return CheckResult(length / least, f"{length} characters, at least {least} wanted")
        if length <= most:
            return CheckResult(1.0)
        score = max(0.0, (zero_at - length) / (zero_at - most)) if zero_at > most else 0.0
        return CheckResult(score, f"{length} characters, at most {most} wanted")

    return check
