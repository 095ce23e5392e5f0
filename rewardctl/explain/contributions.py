"""The part of each component in the difference between a reward and its group's mean.

A reward of the formula is a sum of contributions (:mod:`reward_fn.score.contributions`). A component's part
is its contribution less the mean of its contributions over the rollouts of the group that the formula scored.
A reward that something else fixed, such as a failed gate, is one part: the reward less the mean of the
rewards that the formula made. CloudWatch's shares of the advantage are made in the same way
(:mod:`reward_fn.report.components`). All parts add up to the difference.
"""

from collections.abc import Mapping, Sequence
from math import fsum

from reward_fn.score.contributions import CLIP, ESSENTIAL, Component, Rewarded, contributions
from reward_fn.score.rubric import criterion_parts
from reward_fn.types.definition import Definition
from rewardctl.explain.case import case_of, failed_gate
from rewardctl.explain.recorded import Recorded
from rewardctl.explain.types import Case, Contribution

CHANGED = Component("rule", "a definition that has changed")
_RULES = {CLIP: "clipping to the range", ESSENTIAL: "a failed essential criterion"}
_FIXED: Mapping[Case, str] = {
    "gate": "gate {} failed",
    "list": "list {} not judged",
    "provoked": "judge failed through the text",
}


def contributions_of(
    recorded: Recorded, siblings: Sequence[Recorded]
) -> tuple[tuple[Contribution, ...], str]:
    """The parts, whose effects add up to reward - mean, and a note on what is not linear, else "".

    () for a rollout alone, and without a definition.
    """
    served, members = recorded.definition, [recorded, *siblings]
    if served is None or len(members) == 1:
        return (), ""
    fixed = [_fixed_by(member) for member in members]
    scored = [member for member, name in zip(members, fixed, strict=True) if not name]
    by_member = [own_contributions(member, served) for member in scored]
    entries = [] if fixed[0] else list(_components(scored, by_member))
    base = fsum(member.reward for member in scored) / len(scored) if scored else served.low
    for name in filter(None, dict.fromkeys(fixed)):
        mean = fsum(m.reward - base for m, other in zip(members, fixed, strict=True) if other == name)
        own = recorded.reward - base if fixed[0] == name else 0.0
        entries.append(Contribution(name, own - mean / len(members)))
    return tuple(entries), _note(fixed, by_member, served)


def own_contributions(recorded: Recorded, definition: Definition) -> Mapping[Component, float]:
    """The contribution of each component to a reward of the formula, in reward units."""
    rewarded = Rewarded(recorded.reward, recorded.metrics, "", criterion_parts(recorded.verdicts))
    parts = contributions(rewarded, definition)
    if ESSENTIAL in parts and case_of(recorded) != "essential":
        parts[CHANGED] = parts.pop(ESSENTIAL)
    return parts


def _fixed_by(recorded: Recorded) -> str:
    """What fixed the reward in place of the formula, in words; "" if the formula made it."""
    if recorded.record.get("imputed"):
        return "no reward of its own"
    return _FIXED.get(case_of(recorded), "").format(failed_gate(recorded))


def _components(
    scored: Sequence[Recorded], by_member: Sequence[Mapping[Component, float]]
) -> list[Contribution]:
    """One entry for each component that any of the rollouts has; the explained one comes first."""
    entries = []
    for component in sorted({c: None for parts in by_member for c in parts}, key=_order):
        effects = [parts.get(component, 0.0) for parts in by_member]
        values = [member.metrics.get(component.name) for member in scored]
        known = [value for value in values if value is not None]
        entries.append(
            Contribution(
                _RULES.get(component, component.name),
                effects[0] - fsum(effects) / len(effects),
                values[0],
                fsum(known) / len(known) if known else None,
                "rubric" if component.role == "criterion" else "",
            )
        )
    return entries


def _order(component: Component) -> int:
    """Criteria stand directly after the rubric that they make up."""
    return ("score", "rubric", "criterion", "penalty", "gate", "rule").index(component.role)


def _note(
    fixed: Sequence[str], by_member: Sequence[Mapping[Component, float]], definition: Definition
) -> str:
    """What is not linear; "" if the formula made all rewards, and unclipped."""
    notes = []
    if count := sum(map(bool, fixed)):
        subject = "1 reward" if count == 1 else f"{count} rewards"
        notes.append(f"{subject} of the group did not come from the formula")
    rules = {component for parts in by_member for component in parts if component.role == "rule"}
    notes += [f"{_RULES.get(rule, rule.name)} changed a reward of the group" for rule in sorted(rules)]
    if definition.combine == "minimum" and len(definition.scores) + bool(definition.judge) > 1:
        notes.append("only the smallest score counts, by what it takes off the highest reward")
    text = "; ".join(notes)
    return f"{text[0].upper()}{text[1:]}." if text else ""
