"""A reward definition, checked and compiled."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from reward_fn.types.check import CheckSpec
from reward_fn.types.rubric import JudgeSpec


class LintWarning(NamedTuple):
    """A part of a definition that works but is probably a mistake; ``docs/definitions.md`` explains each
    ``code``."""

    code: str
    place: str
    message: str


MIN_COVERAGE = 0.5


@dataclass(frozen=True, slots=True)
class Definition:
    """A reward definition, checked and compiled.

    ``version`` is a hash over the file and all files it refers to, ``sha256`` over the file alone; ``source``
    is the URI of a stored definition. ``on_error`` names a policy in :mod:`reward_fn.score.policies`. If less
    than ``min_coverage`` of the rubric's weight is answered, a rollout is unscored. If more than
    ``fail_above`` of the judged rollouts are unscored, the invocation fails on purpose (never, at 1). With
    ``canaries``, rows marked as canaries in their metadata are watched.
    """

    name: str
    version: str
    low: float
    high: float
    gates: tuple[CheckSpec, ...] = ()
    scores: tuple[CheckSpec, ...] = ()
    penalties: tuple[CheckSpec, ...] = ()
    metrics: tuple[CheckSpec, ...] = ()
    judge: JudgeSpec | None = None
    combine: Literal["sum", "minimum"] = "sum"
    on_error: str = "neutral"
    min_coverage: float = MIN_COVERAGE
    fail_above: float = 1.0
    canaries: bool = False
    warnings: tuple[LintWarning, ...] = ()
    sha256: str = ""
    source: str = ""

    @property
    def neutral(self) -> float:
        """The middle of the range: the reward where a failure is not the rollout's fault."""
        return (self.low + self.high) / 2
