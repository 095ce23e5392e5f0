"""Checks and verdicts into one result. Pure; the one place where a missing verdict becomes a number.

The reward of a rollout that was judged is

    clip(lo + (hi - lo) * (sum(w_i * s_i) / sum(w_i) - sum(v_j * p_j)),  lo, hi)

over the score checks and the rubric (w_i > 0, s_i in [0, 1]) and the penalties (p_j = 1 - score, in [0, 1]).
So v_j is a share of the range: at [-1, 1] a penalty of weight 0.3 takes off up to 0.6.
With ``combine = "minimum"`` the smallest s_i stands in place of their weighted mean: no part makes up for
another. The rubric's own score may lie below 0, by its pitfalls; only the reward is clipped.

Everything else is one of these, in this order, and flagged:

1. a row without anything to score, or a check that counts could not run: as under 4;
2. a failed gate, or a list of impossible length: the reward that the definition gives it, absolutely;
3. a judge's failure that the rollout set off itself: the floor (an overflow by prompt and documents alone, as
   under 4);
4. less than ``min_coverage`` of the rubric's |weight| answered, or a pitfall or essential criterion missing:
   the middle of the range, or the mean of the group's valid rewards in the batch (``siblings``);
5. an essential criterion answered no: the floor.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import fsum
from typing import NamedTuple

from reward_fn.paths import find_text
from reward_fn.reserved_names import FLAGS, RUBRIC
from reward_fn.response import sound
from reward_fn.score.rubric import criterion_scores, rubric_score
from reward_fn.types.batch import Examined
from reward_fn.types.check import CheckResult, CheckSpec
from reward_fn.types.definition import Definition
from reward_fn.types.result import Metric, Result
from reward_fn.types.rollout import Rejected
from reward_fn.types.rubric import JudgeSpec
from reward_fn.types.unscored import Reason, Unscored
from reward_fn.types.verdict import Judged, Outcome

OWN_SHARE = 0.25
"""From this share of what is shown on, a response that overflows the judge's context does so by itself."""
_ONLY_WHERE_ASKED = ("judge_coverage", "unsupported_quotes", "judge_agreement", "escalated", "order_flips")


class Award(NamedTuple):
    """What a rollout gets and why: ``flags`` that are not 0, ``metrics`` beside those of the checks."""

    reward: float
    flags: Mapping[str, float]
    metrics: tuple[Metric, ...] = ()
    why: Unscored | None = None
    gate: str = ""


def aggregate(
    entries: Sequence[Examined | Rejected], outcomes: Mapping[int, Outcome], definition: Definition
) -> list[Result]:
    """One result for each entry, in order. ``outcomes`` are the judge's, by index in the batch."""
    results = [
        _rejected(entry, definition)
        if isinstance(entry, Rejected)
        else sound(_result(entry, outcomes, definition), definition)
        for entry in entries
    ]
    return _from_siblings(results) if definition.on_error == "siblings" else results


def unscored_share(entries: Sequence[Examined | Rejected], results: Sequence[Result]) -> float:
    """The share of the rollouts that were to be judged and got a reward that is not their own; 0 for none."""
    judged = [
        result.imputed
        for entry, result in zip(entries, results, strict=True)
        if isinstance(entry, Examined) and entry.judge
    ]
    return sum(judged) / len(judged) if judged else 0.0


def combine(
    definition: Definition, results: Mapping[str, CheckResult | Unscored], rubric: float | None
) -> float:
    """The formula above; ``rubric`` None where the definition has no judge."""
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


def _rejected(entry: Rejected, definition: Definition) -> Result:
    flag = "no_response" if entry.reason is Reason.NO_RESPONSE else "rejected"
    return Result(
        index=entry.index,
        id=entry.id,
        reward=definition.neutral,
        metrics=_flags({flag: 1.0, "imputed": 1.0}),
        reasons=(Unscored(entry.reason, entry.detail),),
        imputed=True,
    )


def _result(entry: Examined, outcomes: Mapping[int, Outcome], definition: Definition) -> Result:
    award = _award(entry, outcomes, definition)
    unscored = [r for r in entry.results.values() if isinstance(r, Unscored) and r is not award.why]
    return Result(
        index=entry.rollout.index,
        id=entry.rollout.id,
        reward=award.reward,
        metrics=(*_check_metrics(entry, definition), *award.metrics, *_flags(award.flags)),
        group=entry.rollout.group,
        gate=award.gate,
        reasons=tuple(unscored) if award.why is None else (*unscored, award.why),
        details={name: result.detail for name, result in entry.results.items() if result.detail},
        imputed="imputed" in award.flags,
        unsupported=int(award.flags.get("unsupported_quotes", 0)),
    )


def _award(entry: Examined, outcomes: Mapping[int, Outcome], definition: Definition) -> Award:
    """The list at the head of this module, from the top."""
    if entry.blocked:
        return Award(definition.neutral, {"rejected": 1.0, "imputed": 1.0}, why=entry.blocked)
    if entry.settled is not None:
        return Award(entry.settled, {"gate_failed": 1.0}, gate=entry.settled_by)
    if definition.judge is None:
        return Award(combine(definition, entry.results, None), {})
    outcome = outcomes[entry.rollout.index]
    if not isinstance(outcome, Unscored):
        return _judged(entry, outcome, definition)
    flags = {"judge_error": 1.0, "judge_coverage": 0.0}
    if outcome.reason in definition.judge.provoked and not _is_of_the_material(
        outcome, entry, definition.judge
    ):
        return Award(definition.low, {**flags, "provoked": 1.0}, why=outcome)
    return Award(definition.neutral, {**flags, "imputed": 1.0}, why=outcome)


def _is_of_the_material(outcome: Unscored, entry: Examined, spec: JudgeSpec) -> bool:
    """Whether prompt and documents filled the model's context, of which the response is a small part."""
    if outcome.reason is not Reason.OVERFLOW:
        return False
    rollout = entry.rollout
    documents = sum(len(find_text(rollout, each.sources) or "") for each in spec.documents)
    shown = documents + (len(rollout.prompt) if spec.show_prompt else 0)
    return len(rollout.response) < OWN_SHARE * (len(rollout.response) + shown)


def _judged(entry: Examined, judged: Judged, definition: Definition) -> Award:
    rubric = rubric_score(judged.verdicts, definition.min_coverage)
    criteria = tuple(Metric(name, score) for name, score in criterion_scores(judged.verdicts).items())
    unsupported = float(sum(verdict.unsupported for verdict in judged.verdicts.values()))
    flags = {"judge_coverage": rubric.coverage, "unsupported_quotes": unsupported}
    flags.update(_of_the_vote(judged, definition.judge))
    if not rubric.complete:
        why = Unscored(Reason.CANNOT_ASSESS, f"coverage {rubric.coverage:.2f}")
        return Award(definition.neutral, {**flags, "judge_error": 1.0, "imputed": 1.0}, criteria, why)
    reward = definition.low if rubric.essential_failed else combine(definition, entry.results, rubric.score)
    return Award(reward, flags, (*criteria, Metric(RUBRIC, rubric.score, "Reward")))


def _of_the_vote(judged: Judged, spec: JudgeSpec | None) -> dict[str, float]:
    """How the verdicts came about, where there was more than one way."""
    if spec is None:
        return {}
    several = spec.votes > 1 or len(spec.panel) > 1
    return {
        **({"judge_agreement": judged.agreement} if several else {}),
        **({"escalated": float(judged.escalated)} if spec.escalate else {}),
        **({"order_flips": float(judged.flips)} if spec.mode == "pairwise" else {}),
    }


def _flags(set_flags: Mapping[str, float]) -> tuple[Metric, ...]:
    """Every flag with its value, 0 where it is not set; those of the judge only where it was asked."""
    names = [name for name in FLAGS if name in set_flags or name not in _ONLY_WHERE_ASKED]
    return tuple(Metric(name, set_flags.get(name, 0.0)) for name in names)


def _from_siblings(results: list[Result]) -> list[Result]:
    """Imputed rewards as the mean of the group's valid ones, where the batch holds any."""
    valid: defaultdict[str, list[float]] = defaultdict(list)
    for result in results:
        if result.group and not result.imputed:
            valid[result.group].append(result.reward)

    def imputed(result: Result) -> Result:
        siblings = valid.get(result.group or "")
        if not siblings or not result.imputed:
            return result
        return replace(result, reward=fsum(siblings) / len(siblings))

    return [imputed(result) for result in results]


def _check_metrics(entry: Examined, definition: Definition) -> tuple[Metric, ...]:
    found: list[Metric] = []
    for spec in (*definition.gates, *definition.metrics):
        if isinstance(result := entry.results.get(spec.name), CheckResult):
            found.append(Metric(spec.name, result.score))
    for spec in definition.scores:
        if isinstance(result := entry.results.get(spec.name), CheckResult):
            found.append(Metric(spec.name, result.score, "Reward"))
    for spec in definition.penalties:
        if isinstance(entry.results.get(spec.name), CheckResult):
            found.append(Metric(spec.name, _deduction(spec, entry.results), "Reward"))
    return tuple(found)


def _score(result: CheckResult | Unscored) -> float:
    """A score check's result; one that could not run has blocked the rollout before it came here."""
    if isinstance(result, Unscored):
        raise TypeError("an unscored check has no score")
    return result.score


def _deduction(spec: CheckSpec, results: Mapping[str, CheckResult | Unscored]) -> float:
    """What a penalty takes off, as a share of the range, <= 0; nothing if its check could not run."""
    result = results[spec.name]
    return 0.0 - spec.weight * (1.0 - result.score) if isinstance(result, CheckResult) else 0.0
