"""The reward formula, and the metrics of the checks that go into it. Pure.

The reward of a rollout without failures is

    clip(lo + (hi - lo) * (sum(w_i * s_i) / sum(w_i) - sum(v_j * p_j)),  lo, hi)

over the score checks and the rubric (w_i > 0, s_i in [0, 1]) and the penalties (p_j = 1 - score, in [0, 1]).
So v_j is a share of the range: at [-1, 1] a penalty of weight 0.3 takes off up to 0.6. With
``combine = "minimum"`` the smallest s_i replaces the weighted mean, so that no part makes up for another. The
rubric's score may lie below 0, by its pitfalls; only the reward is clipped.
"""

from collections.abc import Iterator, Mapping
from math import fsum

from reward_fn.types.check import CheckResult, CheckSpec
from reward_fn.types.definition import Definition
from reward_fn.types.result import Metric
from reward_fn.types.unscored import Unscored

CheckResults = Mapping[str, CheckResult | Unscored]
"""The results of a rollout's checks, by name."""


def combine(definition: Definition, results: CheckResults, rubric: float | None) -> float:
    """The reward by the formula above; ``rubric`` is None if the definition has no judge."""
    parts = [(spec.weight, _score(results[spec.name])) for spec in definition.scores]
    if rubric is not None and definition.judge:
        parts.append((definition.judge.weight, rubric))
    if definition.combine == "minimum":
        base = min(score for _, score in parts)
    else:
        base = fsum(weight * score for weight, score in parts) / fsum(weight for weight, _ in parts)
    deduction = fsum(-_deduction(spec, results) for spec in definition.penalties)
    value = definition.low + (definition.high - definition.low) * (base - deduction)
    return min(max(value, definition.low), definition.high)


def check_metrics(definition: Definition, results: CheckResults) -> Iterator[Metric]:
    """One metric for each check that ran: its score; for a penalty its deduction, as a share of the range."""
    for spec in (*definition.gates, *definition.metrics):
        if isinstance(result := results.get(spec.name), CheckResult):
            yield Metric(spec.name, result.score)
    for spec in definition.scores:
        if isinstance(result := results.get(spec.name), CheckResult):
            yield Metric(spec.name, result.score, "Reward")
    for spec in definition.penalties:
        if isinstance(results.get(spec.name), CheckResult):
            yield Metric(spec.name, _deduction(spec, results), "Reward")


def _score(result: CheckResult | Unscored) -> float:
    """The score of a check. Raises TypeError if it could not run: such a rollout is blocked before this."""
    if isinstance(result, Unscored):
        raise TypeError("an unscored check has no score")
    return result.score


def _deduction(spec: CheckSpec, results: CheckResults) -> float:
    """A penalty's deduction, <= 0, as a share of the range; 0 if its check could not run."""
    result = results[spec.name]
    return 0.0 - spec.weight * (1.0 - result.score) if isinstance(result, CheckResult) else 0.0
