"""The components of a reward with their shares of the advantage. Pure.

The shares are those of :mod:`reward_fn.report.components`, which also defines them: Cov(c, r) / Var(r) of a
component's contribution c to the reward r, pooled within groups. A component that is the same for all of a
group has none.
"""

from collections.abc import Iterator, Mapping, Sequence
from math import fsum
from typing import Literal, NamedTuple

import numpy as np

from reward_fn.judge.ask.modes.group import STANDING, STANDING_SHARE
from reward_fn.report.components import ComponentSums
from reward_fn.reserved_names import RUBRIC
from reward_fn.score.contributions import Component, Rewarded
from reward_fn.score.rubric import Part as RubricPart
from reward_fn.types.definition import Definition
from reward_fn.types.rubric import JudgeSpec
from rewardctl.report.columns import Columns, Flag
from rewardctl.report.within import Bools, Floats, Grouping

Role = Literal["gate", "score", "rubric", "criterion", "penalty", "metric", "rule", "unknown"]
"""The role of a component. A "rule" comes from the reward's formula; "unknown" stands for all without one."""


class Part(NamedTuple):
    """A component of the reward. ``weight`` is the definition's; None for a part that has none."""

    name: str
    role: Role
    weight: float | None = None


def parts_of(definition: Definition | None, columns: Columns) -> list[Part]:
    """Return the components in the order of the definition; without one, the metrics of the records."""
    if definition is None:
        kinds: dict[bool, Role] = {True: "unknown", False: "metric"}
        return [Part(name, kinds[name in columns.trains]) for name in columns.scores]
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
        positive = fsum(max(criterion.weight, 0.0) for criterion in judge.criteria)
        weight = STANDING_SHARE * positive if judge.standing is None else judge.standing
        yield Part(STANDING, "criterion", weight)


def shares_of(
    columns: Columns, definition: Definition, parts: Sequence[Part], grouping: Grouping
) -> dict[Component, float | None]:
    """Return the share of the advantage of each component that the rows of ``grouping`` have."""
    sums = ComponentSums(definition)
    criteria = [part for part in parts if part.role == "criterion"]
    for rows in grouping.members():
        sums.add_group([_rewarded(columns, row, criteria) for row in rows])
    return {figures.component: figures.share for figures in sums.figures()}


def _rewarded(columns: Columns, row: int, criteria: Sequence[Part]) -> Rewarded:
    metrics = {name: values[row] for name, values in columns.scores.items() if values[row] == values[row]}
    number = columns.gate[row]
    gate = columns.gates[number] if number >= 0 else ""
    return Rewarded(columns.reward[row], metrics, gate, _rubric_parts(metrics, criteria))


def _rubric_parts(metrics: Mapping[str, float], criteria: Sequence[Part]) -> dict[str, RubricPart]:
    """Divide the rubric's score among its criteria, from their means over items.

    Exact if every item was answered; criteria that rollouts bring are not divided.
    """
    scored = [
        (part.name, part.weight or 0.0, metrics[part.name]) for part in criteria if part.name in metrics
    ]
    positive = fsum(max(weight, 0.0) for _, weight, _ in scored)
    if not positive:
        return {}
    return {
        name: RubricPart(weight * score / positive, max(weight, 0.0) / positive)
        for name, weight, score in scored
    }


def column(columns: Columns, name: str) -> Floats:
    """Return the values of a metric, NaN in rows without it."""
    if name not in columns.scores:
        return np.full(len(columns), np.nan)
    return np.frombuffer(columns.scores[name])


def is_own(columns: Columns) -> Bools:
    """Return the rows whose reward is their own, not imputed, and a number."""
    flags = np.frombuffer(columns.flags, np.uint8)
    own: Bools = ((flags & Flag.IMPUTED) == 0) & ~np.isnan(np.frombuffer(columns.reward))
    return own
