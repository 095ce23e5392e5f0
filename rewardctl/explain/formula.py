"""The parts of a reward under the formula of :mod:`reward_fn.score.reward`, from which the steps are made."""

from dataclasses import dataclass
from math import fsum

from reward_fn.reserved_names import RUBRIC
from reward_fn.score.reward import combine
from reward_fn.types.check import CheckResult, CheckSpec
from rewardctl.explain.case import scored_rubric
from rewardctl.explain.recorded import Recorded


@dataclass(frozen=True, slots=True)
class Part:
    """A score, the rubric or a penalty: its weight and its score."""

    name: str
    weight: float
    score: float


@dataclass(frozen=True, slots=True)
class Formula:
    """A reward, taken apart. ``low`` + ``span`` * ``share`` is the reward before it is clipped.

    ``base`` is the weighted mean of the scores, or the smallest with ``minimum``. ``reward`` is what the
    scoring code makes of it.
    """

    scores: tuple[Part, ...]
    penalties: tuple[Part, ...]
    minimum: bool
    low: float
    span: float
    base: float
    reward: float

    @property
    def share(self) -> float:
        """The base less all deductions, as a share of the range."""
        return self.base - fsum(part.weight * (1.0 - part.score) for part in self.penalties)

    @property
    def clipped(self) -> float:
        """What clipping added to the reward: above 0 at the lower end, below 0 at the upper end, else 0."""
        value = self.low + self.span * self.share
        return min(max(value, self.low), self.low + self.span) - value


def formula_of(recorded: Recorded) -> Formula | None:
    """The formula with the record's numbers; None if a score that it needs is missing."""
    served = recorded.definition
    if served is None:
        return None
    rubric = _rubric(recorded)
    named = [_score_part(spec, recorded) for spec in served.scores]
    if served.judge is not None:
        named.append(None if rubric is None else Part(RUBRIC, served.judge.weight, rubric))
    scores = [part for part in named if part is not None]
    if len(scores) < len(named) or not scores:
        return None
    span, minimum = served.high - served.low, served.combine == "minimum"
    total = fsum(part.weight for part in scores)
    smallest = min(part.score for part in scores)
    return Formula(
        tuple(scores),
        tuple(part for spec in served.penalties if (part := _score_part(spec, recorded))),
        minimum,
        served.low,
        span,
        smallest if minimum else fsum(part.weight * part.score for part in scores) / total,
        combine(served, _all_results(recorded), rubric),
    )


def _rubric(recorded: Recorded) -> float | None:
    scored = scored_rubric(recorded)
    return scored.score if scored else recorded.rubric_score


def _score_part(spec: CheckSpec, recorded: Recorded) -> Part | None:
    result = recorded.results.get(spec.name)
    return Part(spec.name, spec.weight, result.score) if isinstance(result, CheckResult) else None


def _all_results(recorded: Recorded) -> dict[str, CheckResult]:
    """The results that ``combine`` looks up; a penalty that could not run takes nothing off."""
    full = {spec.name: CheckResult(1.0) for spec in recorded.specs}
    return full | {k: r for k, r in recorded.results.items() if isinstance(r, CheckResult)}
