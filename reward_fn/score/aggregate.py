"""Check results and verdicts into one result a row. Pure; only here does a missing verdict become a number.

Each row gets the first of these that applies, and a flag for it:

1. The row can't be scored, or a check that counts could not run: as under 4.
2. A gate failed, or a list has an impossible length: the reward that the definition sets for it.
3. The judge failed through the rollout's own text: the lower end of the range. An overflow that is due to
   prompt and documents is not the rollout's fault: as under 4.
4. The judge failed otherwise, less than ``min_coverage`` of the rubric's |weight| is answered, or a pitfall
   or an essential criterion is not: the middle of the range, ``imputed``, which the definition's failure
   policy (:mod:`reward_fn.score.policies`) may replace.
5. An essential criterion was answered no: the lower end of the range.
6. Otherwise: the formula of :mod:`reward_fn.score.reward`.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from reward_fn.reserved_names import FLAGS, RUBRIC
from reward_fn.score.policies import POLICIES
from reward_fn.score.reward import check_metrics, combine
from reward_fn.score.rubric import criterion_scores, rubric_score
from reward_fn.score.sound import sound
from reward_fn.types.batch import Examined
from reward_fn.types.definition import Definition
from reward_fn.types.material import Material
from reward_fn.types.result import Metric, Result
from reward_fn.types.rollout import Rejected
from reward_fn.types.rubric import JudgeSpec
from reward_fn.types.unscored import Reason, Unscored
from reward_fn.types.verdict import Judged, Outcome

OWN_SHARE = 0.25
"""A response of at least this share of all text shown is the cause if the judge's context overflows."""
_OPTIONAL_FLAGS = ("judge_coverage", "unsupported_quotes", "judge_agreement", "escalated", "order_flips")
"""Flags that are left out if they have no meaning for the rollout; all others are 0 if not set."""


class Award(NamedTuple):
    """A rollout's reward and the reason for it: the ``flags`` that are set, and ``metrics`` of the rubric."""

    reward: float
    flags: Mapping[str, float]
    metrics: tuple[Metric, ...] = ()
    why: Unscored | None = None
    gate: str = ""


def aggregate(
    entries: Sequence[Examined | Rejected], outcomes: Mapping[int, Outcome], definition: Definition
) -> list[Result]:
    """One result for each entry, in order. ``outcomes`` are the judge's, by index in the batch; there must be
    one for each entry with material."""
    results = [
        _rejected(entry, definition)
        if isinstance(entry, Rejected)
        else sound(_result(entry, outcomes, definition), definition)
        for entry in entries
    ]
    return POLICIES[definition.on_error](results)


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
        metrics=(*check_metrics(definition, entry.results), *award.metrics, *_flags(award.flags)),
        group=entry.rollout.group,
        gate=award.gate,
        reasons=tuple(unscored) if award.why is None else (*unscored, award.why),
        details={name: result.detail for name, result in entry.results.items() if result.detail},
        imputed="imputed" in award.flags,
        unsupported=int(award.flags.get("unsupported_quotes", 0)),
    )


def _award(entry: Examined, outcomes: Mapping[int, Outcome], definition: Definition) -> Award:
    """The first that applies of the list at the head of this module."""
    if entry.blocked:
        return Award(definition.neutral, {"rejected": 1.0, "imputed": 1.0}, why=entry.blocked)
    if entry.settled is not None:
        return Award(entry.settled, {"gate_failed": 1.0}, gate=entry.settled_by)
    if definition.judge is None:
        return Award(combine(definition, entry.results, None), {})
    outcome = outcomes[entry.rollout.index]
    if isinstance(outcome, Judged):
        return _judged(entry, outcome, definition)
    flags = {"judge_error": 1.0, "judge_coverage": 0.0}
    if outcome.reason in definition.judge.provoked and not _is_overflow_by_others(outcome, entry.material):
        return Award(definition.low, {**flags, "provoked": 1.0}, why=outcome)
    return Award(definition.neutral, {**flags, "imputed": 1.0}, why=outcome)


def _is_overflow_by_others(outcome: Unscored, material: Material | None) -> bool:
    """Whether prompt and documents overflowed the model's context, and the response is a small part of it."""
    if outcome.reason is not Reason.OVERFLOW or material is None:
        return False
    others = sum(map(len, material.documents.values()))
    others += len(material.rollout.prompt) if material.spec.show_prompt else 0
    response = len(material.rollout.response)
    return response < OWN_SHARE * (response + others)


def _judged(entry: Examined, judged: Judged, definition: Definition) -> Award:
    rubric = rubric_score(judged.verdicts, definition.min_coverage)
    criteria = tuple(Metric(name, score) for name, score in criterion_scores(judged.verdicts).items())
    unsupported = float(sum(verdict.unsupported for verdict in judged.verdicts.values()))
    flags = {"judge_coverage": rubric.coverage, "unsupported_quotes": unsupported}
    flags.update(_vote_flags(judged, definition.judge))
    if not rubric.complete:
        why = Unscored(Reason.CANNOT_ASSESS, f"coverage {rubric.coverage:.2f}")
        return Award(definition.neutral, {**flags, "judge_error": 1.0, "imputed": 1.0}, criteria, why)
    reward = definition.low if rubric.essential_failed else combine(definition, entry.results, rubric.score)
    return Award(reward, flags, (*criteria, Metric(RUBRIC, rubric.score, "Reward")))


def _vote_flags(judged: Judged, spec: JudgeSpec | None) -> dict[str, float]:
    """How the verdicts were reached; a flag that has no meaning under this rubric is left out."""
    flags: dict[str, float] = {}
    if spec and (spec.votes > 1 or len(spec.panel) > 1):
        flags["judge_agreement"] = judged.agreement
    if spec and spec.escalate:
        flags["escalated"] = float(judged.escalated)
    if judged.flips is not None:
        flags["order_flips"] = float(judged.flips)
    return flags


def _flags(set_flags: Mapping[str, float]) -> tuple[Metric, ...]:
    """Every flag with its value, 0 if it is not set; optional flags only if they are set."""
    names = [name for name in FLAGS if name in set_flags or name not in _OPTIONAL_FLAGS]
    return tuple(Metric(name, set_flags.get(name, 0.0)) for name in names)
