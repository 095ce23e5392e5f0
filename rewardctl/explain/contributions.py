"""The part of each component in the difference between a reward and its group's mean.

Where a reward comes from the formula, it is a sum of effects, so a component's part is its effect less the
mean of its effects over the siblings that the formula scored as well. The rest of the difference comes from
siblings with a reward of another kind: fixed by a gate, or not their own. All parts add up to the difference.
"""

from collections.abc import Mapping, Sequence
from math import fsum

from reward_fn.reserved_names import RUBRIC
from rewardctl.explain.case import case_of
from rewardctl.explain.formula import Formula, formula_of
from rewardctl.explain.recorded import Recorded
from rewardctl.explain.rubric_steps import shares
from rewardctl.explain.types import Contribution

OTHERS = "siblings with a fixed reward"
CLIPPING = "clipping to the range"
REST = "a definition that has changed"
_ZERO = 1e-9


def contributions_of(
    recorded: Recorded, siblings: Sequence[Recorded]
) -> tuple[tuple[Contribution, ...], str]:
    """The contributions, whose effects add up to reward - mean, and a note on what is not linear, else ""."""
    members = [recorded, *siblings]
    mean = fsum(member.reward for member in members) / len(members)
    by_formula = [(m, f) for m in members if case_of(m) == "formula" and (f := formula_of(m))]
    if len(members) == 1:
        return (), ""
    if not by_formula or by_formula[0][0] is not recorded:
        only = Contribution("its fixed reward", recorded.reward - mean, recorded.reward, mean)
        return (only,), "Its reward does not come from the formula, so no component has a part in it."
    formulas = [formula for _, formula in by_formula]
    entries: list[Contribution] = []
    for entry in _components(formulas):
        entries += [entry, *(_criteria(by_formula) if entry.name == RUBRIC else [])]
    entries += _others(recorded, members, [member for member, _ in by_formula])
    return tuple(entries), _note(formulas, len(members) - len(by_formula))


def _components(formulas: Sequence[Formula]) -> list[Contribution]:
    """One entry for each score, the rubric and each penalty; the explained rollout's formula comes first."""
    own = formulas[0]
    entries = []
    names = dict.fromkeys(part.name for f in formulas for part in (*f.scores, *f.penalties))
    for name in names:
        score, effect = _part(own, name)
        peers = [_part(formula, name) for formula in formulas]
        scores, effects = ([peer[place] for peer in peers] for place in (0, 1))
        effect -= fsum(effects) / len(peers)
        entries.append(Contribution(name, effect, score, fsum(scores) / len(peers)))
    clipped = own.clipped - fsum(formula.clipped for formula in formulas) / len(formulas)
    return [*entries, *([Contribution(CLIPPING, clipped)] if abs(clipped) > _ZERO else [])]


def _part(formula: Formula, name: str) -> tuple[float, float]:
    """Score and effect of the part with that name; a penalty that could not run has 1 and 0."""
    parts = (*formula.scores, *formula.penalties)
    return next(((part.score, part.effect) for part in parts if part.name == name), (1.0, 0.0))


def _others(
    recorded: Recorded, members: Sequence[Recorded], scored: Sequence[Recorded]
) -> list[Contribution]:
    """What the siblings without the formula add, and what the formulas don't explain of recorded rewards."""
    mean = fsum(member.reward for member in members) / len(members)
    scored_mean = fsum(member.reward for member in scored) / len(scored)
    entries = [Contribution(OTHERS, scored_mean - mean)] if len(scored) < len(members) else []
    gaps = [_gap(member) for member in scored]
    rest = _gap(recorded) - fsum(gaps) / len(gaps)
    return [*entries, *([Contribution(REST, rest)] if abs(rest) > _ZERO else [])]


def _gap(member: Recorded) -> float:
    """The recorded reward less that of the definition at hand; 0 unless the definition has changed."""
    formula = formula_of(member)
    return member.reward - formula.reward if formula else 0.0


def _criteria(by_formula: Sequence[tuple[Recorded, Formula]]) -> list[Contribution]:
    """The criteria's parts in the rubric's contribution; [] without verdicts, or under "minimum"."""
    own = by_formula[0][1]
    rubric = next((part for part in own.scores if part.name == RUBRIC), None)
    by_member: list[Mapping[str, float]] = [shares(member) for member, _ in by_formula]
    if rubric is None or not all(by_member) or (own.minimum and len(own.scores) > 1):
        return []
    factor = own.span * rubric.weight / fsum(part.weight for part in own.scores)
    entries = []
    for name, share in by_member[0].items():
        mean = fsum(member.get(name, 0.0) for member in by_member) / len(by_member)
        score, scores = by_formula[0][0].metrics.get(name), [m.metrics.get(name) for m, _ in by_formula]
        known = [value for value in scores if value is not None]
        mean_score = fsum(known) / len(known) if known else None
        entries.append(Contribution(name, factor * (share - mean), score, mean_score, RUBRIC))
    return entries


def _note(formulas: Sequence[Formula], fixed: int) -> str:
    """What is not linear: siblings with other rewards, clipping, the smallest score; "" if all of it is."""
    notes = []
    if fixed:
        subject = "1 sibling has" if fixed == 1 else f"{fixed} siblings have"
        notes.append(f"{subject} a reward that does not come from the formula")
    if any(abs(formula.clipped) > _ZERO for formula in formulas):
        notes.append("a reward of the group was clipped to the range")
    if formulas[0].minimum and len(formulas[0].scores) > 1:
        notes.append("only the smallest score counts")
    text = "; ".join(notes)
    return f"{text[0].upper()}{text[1:]}." if text else ""
