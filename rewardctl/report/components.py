"""The components of a reward, and what each contributes to it, in reward units. Pure.

By the formula of :mod:`reward_fn.score.reward` a reward is lo + (hi - lo) * (sum(w * s) / sum(w) - sum(v *
p)). The contribution of a component is its own term of it: (hi - lo) * w * s / sum(w) for a score check and
the rubric, -(hi - lo) * v * p for a penalty. A criterion's contribution is its part of the rubric's: the
rubric's term times w * s / sum(w > 0) over the criteria that have a score.

Where a rule other than the formula set the reward (a failed gate, a list of impossible length, a judge that
failed through the rollout's own text), the terms do not exist. Each component then counts with the mean of
its group, so that the rule, which is a component itself, contributes the whole difference. What the ends of
the range and essential criteria change is the component "limits". So the contributions of all components but
the criteria add up to reward - lo, less a constant of the group.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from reward_fn.judge.ask.modes.group import STANDING, STANDING_SHARE
from reward_fn.reserved_names import RUBRIC
from reward_fn.types.definition import Definition
from reward_fn.types.rubric import JudgeSpec
from rewardctl.report.columns import Columns, Flag
from rewardctl.report.within import Bools, Floats, Grouping

Role = Literal["gate", "score", "rubric", "criterion", "penalty", "metric", "limits", "unknown"]
LIMITS = "limits"
PROVOKED = "provoked"


class Part(NamedTuple):
    """A component of the reward. ``weight`` is the definition's; None for a part that has none."""

    name: str
    role: Role
    weight: float | None = None


@dataclass(frozen=True)
class Contributions:
    """What each part contributes to the reward of each row, NaN for rows that are not compared.

    ``by_part`` is empty where contributions can't be told; ``why_not`` then says why.
    """

    by_part: Mapping[Part, Floats]
    why_not: str = ""


def parts_of(definition: Definition | None, columns: Columns) -> list[Part]:
    """Return the components in the order of the definition; without one, the metrics of the records."""
    if definition is None:
        names = [RUBRIC] if RUBRIC in columns.scores else []
        names += [name for name in columns.scores if name != RUBRIC]
        kinds: dict[bool, Role] = {True: "unknown", False: "metric"}
        return [Part(name, kinds[name in columns.trains]) for name in names]
    parts = [Part(spec.name, "gate") for spec in definition.gates]
    known = {part.name for part in parts}
    parts += [Part(name, "gate") for name in columns.gates if name not in known]
    parts += [Part(spec.name, "score", spec.weight) for spec in definition.scores]
    if definition.judge:
        parts.append(Part(RUBRIC, "rubric", definition.judge.weight))
        parts += _criteria(definition.judge, columns)
    parts += [Part(spec.name, "penalty", spec.weight) for spec in definition.penalties]
    return parts + [Part(spec.name, "metric") for spec in definition.metrics]


def _criteria(judge: JudgeSpec, columns: Columns) -> Iterator[Part]:
    """Yield the criteria of the definition; those that rollouts bring have weights of their own."""
    yield from (Part(criterion.name, "criterion", criterion.weight) for criterion in judge.criteria)
    if STANDING in columns.scores and all(criterion.name != STANDING for criterion in judge.criteria):
        positive = sum(max(criterion.weight, 0.0) for criterion in judge.criteria)
        weight = STANDING_SHARE * positive if judge.standing is None else judge.standing
        yield Part(STANDING, "criterion", weight)


def contributions(
    columns: Columns, definition: Definition | None, parts: Sequence[Part], grouping: Grouping
) -> Contributions:
    """Return what each part contributes to the reward of the rows in ``grouping``."""
    if definition is None:
        return Contributions(
            {}, "the definition that scored this run is not at hand, and with it the weights"
        )
    if definition.combine == "minimum":
        return Contributions(
            {}, 'the smallest score sets the reward (combine = "minimum"), so nothing adds up'
        )
    terms = _terms(columns, definition, parts)
    reward = np.frombuffer(columns.reward) - definition.low
    top = [part for part in terms if part.role != "criterion"]
    by_rule = _is_by_rule(columns, [terms[part] for part in top if part.role in ("score", "rubric")])
    filled = {part: _filled(values, by_rule, grouping) for part, values in terms.items()}
    rest = reward - sum((filled[part] for part in top), np.zeros(len(reward)))
    for part, mask in _rules(columns, by_rule):
        filled[part] = np.where(mask, rest, 0.0)
    limits = np.where(by_rule, 0.0, rest)
    if np.abs(limits[grouping.rows]).max(initial=0.0) > ROUNDING:
        filled[Part(LIMITS, "limits")] = limits
    return Contributions(filled)


ROUNDING = 1e-9
"""Records round nothing, but sums differ in the order of their terms."""


def _terms(columns: Columns, definition: Definition, parts: Sequence[Part]) -> dict[Part, Floats]:
    """Return the formula's term of each part that has one; NaN in rows without its score."""
    span = definition.high - definition.low
    total = sum(part.weight or 0.0 for part in parts if part.role in ("score", "rubric"))
    criteria = [part for part in parts if part.role == "criterion"]
    positive = sum(
        (~np.isnan(column(columns, part.name)) * max(part.weight or 0.0, 0.0) for part in criteria),
        np.zeros(len(columns)),
    )
    positive[positive == 0] = np.nan
    terms = {}
    for part in parts:
        values, weight = column(columns, part.name), part.weight or 0.0
        if part.role in ("score", "rubric"):
            terms[part] = span * weight * values / total
        elif part.role == "criterion" and definition.judge:
            terms[part] = span * definition.judge.weight / total * weight * np.nan_to_num(values) / positive
        elif part.role == "penalty":
            terms[part] = span * np.nan_to_num(values)
    return terms


def column(columns: Columns, name: str) -> Floats:
    """Return the values of a metric, NaN in rows without it."""
    if name not in columns.scores:
        return np.full(len(columns), np.nan)
    return np.frombuffer(columns.scores[name])


def _is_by_rule(columns: Columns, terms: Sequence[Floats]) -> Bools:
    """Return the rows whose reward is not by the formula: a gate failed, or a term does not exist."""
    by_rule: Bools = np.frombuffer(columns.gate, np.int64) >= 0
    for values in terms:
        by_rule = by_rule | np.isnan(values)
    return by_rule


def _filled(values: Floats, by_rule: Bools, grouping: Grouping) -> Floats:
    """Return ``values`` with the mean of the group's other rows in the rows that a rule rewarded."""
    known = np.where(by_rule, 0.0, np.nan_to_num(values))
    means = np.zeros(len(values))
    counts = grouping.means((~by_rule).astype(float))
    sums = grouping.means(known)
    of_group = np.divide(sums, counts, out=np.zeros_like(sums), where=counts > 0)
    means[grouping.rows] = np.repeat(of_group, grouping.sizes)
    return np.where(by_rule, means, known)


def _rules(columns: Columns, by_rule: Bools) -> Iterator[tuple[Part, Bools]]:
    """Yield the gates that failed, and the judge's failures by the rollout's own text, with their rows."""
    gate = np.frombuffer(columns.gate, np.int64)
    for number, name in enumerate(columns.gates):
        yield Part(name, "gate"), gate == number
    others = by_rule & (gate < 0)
    if others.any():
        yield Part(PROVOKED, "gate"), others


def is_own(columns: Columns) -> Bools:
    """Return the rows whose reward is their own, not imputed, and a number."""
    flags = np.frombuffer(columns.flags, np.uint8)
    own: Bools = ((flags & Flag.IMPUTED) == 0) & ~np.isnan(np.frombuffer(columns.reward))
    return own
