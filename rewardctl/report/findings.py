"""What a rule finds, and the words that all rules use."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["problem", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("problem", "warning", "note")
"""The worst first: with a problem a run is not healthy, with a warning it deserves a closer look."""

MIN_ROLLOUTS = 30
"""Below 30 rollouts a share of one half is known to ±18 points only (1.96 * sqrt(.25 / 30))."""
MIN_GROUPS = 10
"""Below ten groups each one moves a share by more than 10 points; the alarm "zero-variance" waits for ten."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was noticed.

    ``what`` and ``why`` are clauses that begin in lower case and have no full stop; ``remedy`` is a sentence.
    ``code`` names the rule.
    """

    code: str
    severity: Severity
    what: str
    why: str
    remedy: str


def rollouts(count: int) -> str:
    """A number of rollouts in words."""
    return f"{count:,} rollout" if count == 1 else f"{count:,} rollouts"
