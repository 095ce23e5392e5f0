"""The contribution of each component to a reward: which part of the reward came from where. Pure.

The contribution of a score check or the rubric is range * weight * score / sum of weights, that of a penalty
range * deduction (<= 0), with the terms of :mod:`reward_fn.score.reward`. They add up to the reward less the
low end of the range. Where the reward is not that sum:

- ``combine = "minimum"``: the smallest score takes range * (1 - score) off the highest reward, which is that
  component's contribution (equal scores share it). All other scores contribute 0, and the contributions add
  up to the reward less the high end.
- ``CLIP``: what clipping to the range adds or takes off.
- ``ESSENTIAL``: what an essential criterion takes off that was answered no.
- A failed gate, or a list of impossible length, fixes the reward, and the other components are unknown. So
  does ``JUDGE_PROVOKED``, for a rollout that made the judge fail. :func:`fixed_by` names the component; its
  contribution needs the other rollouts of the group (:mod:`reward_fn.report.components`).

Criteria divide the contribution of the rubric among them, so they are not added a second time.
"""

from collections.abc import Mapping
from math import fsum
from types import MappingProxyType
from typing import Literal, NamedTuple

from reward_fn.reserved_names import RUBRIC
from reward_fn.score.rubric import Part
from reward_fn.types.definition import Definition

ROUNDING = 1e-9
"""Rewards and contributions that differ by at most this share of the range differ by rounding only."""


class Component(NamedTuple):
    """A part of a reward. A "criterion" is a part of the rubric, a "rule" comes from the reward's formula."""

    role: Literal["score", "rubric", "criterion", "penalty", "gate", "rule"]
    name: str


RUBRIC_COMPONENT = Component("rubric", RUBRIC)
CLIP = Component("rule", "clip-to-range")  # a hyphen: no check and no criterion can have such a name
ESSENTIAL = Component("rule", "essential-criterion")
JUDGE_PROVOKED = Component("rule", "judge-provoked")


class Rewarded(NamedTuple):
    """One rollout with a reward of its own (not imputed).

    ``metrics`` are the values of its ``metrics_list`` by name, ``gate`` is the gate that failed or "", and
    ``parts`` are the criteria's parts of the rubric's score (:func:`reward_fn.score.rubric.criterion_parts`).
    """

    reward: float
    metrics: Mapping[str, float]
    gate: str = ""
    parts: Mapping[str, Part] = MappingProxyType({})


def fixed_by(rollout: Rewarded, definition: Definition) -> Component | None:
    """Return what set the reward in place of the formula; None if the formula did."""
    if rollout.gate:
        return Component("gate", rollout.gate)
    return JUDGE_PROVOKED if definition.judge and RUBRIC not in rollout.metrics else None


def contributions(rollout: Rewarded, definition: Definition) -> dict[Component, float]:
    """Return each component's contribution, in reward units, to a reward that the formula set.

    Criteria left out, they add up to the reward less the low end of the range; with ``combine = "minimum"``,
    less the high end. A rule is present only if it changed the reward.
    """
    low, high = definition.low, definition.high
    scores, rubric = _scores(rollout, definition, high - low)
    parts = scores | {
        Component("penalty", spec.name): (high - low) * rollout.metrics.get(spec.name, 0.0)
        for spec in definition.penalties
    }
    value = (high if definition.combine == "minimum" else low) + fsum(parts.values())
    clipped = min(max(value, low), high)
    for rule, change in ((CLIP, clipped - value), (ESSENTIAL, rollout.reward - clipped)):
        if abs(change) > ROUNDING * (high - low):
            parts[rule] = change
    for name, part in rollout.parts.items():
        lost = part.possible if definition.combine == "minimum" else 0.0
        parts[Component("criterion", name)] = rubric * (part.earned - lost)
    return parts


def _scores(rollout: Rewarded, definition: Definition, width: float) -> tuple[dict[Component, float], float]:
    """Return the contributions of score checks and rubric, and the worth of the rubric's score of 1."""
    weights = {Component("score", spec.name): spec.weight for spec in definition.scores}
    if definition.judge:
        weights[RUBRIC_COMPONENT] = definition.judge.weight
    scores = {component: rollout.metrics.get(component.name, 0.0) for component in weights}
    if definition.combine == "minimum":
        lowest = min(scores.values())
        binding = [component for component, score in scores.items() if score == lowest]
        worth = {c: width / len(binding) if c in binding else 0.0 for c in weights}
        losses = {component: worth[component] * (score - 1.0) for component, score in scores.items()}
        return losses, worth.get(RUBRIC_COMPONENT, 0.0)
    total = fsum(weights.values())
    worth = {component: width * weight / total for component, weight in weights.items()}
    return {c: worth[c] * scores[c] for c in weights}, worth.get(RUBRIC_COMPONENT, 0.0)
