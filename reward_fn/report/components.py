"""Per component of a reward: its deviation within groups, and its share of the advantage. Pure.

GRPO learns from the differences between the rewards of one group, so a component that gives all rollouts of
a group the same contribution teaches nothing, however good its mean looks. AWS's blog of 14 August 2026 on
reward functions advises to log, for each component, its standard deviation within groups and its share of the
advantage: a correctness component that was stuck at 0 had gone unseen while the curves looked healthy.

With c(i) the contribution of a component to reward r(i) (:mod:`reward_fn.score.contributions`), g a group of
two or more rollouts with rewards of their own (imputed ones do not count), n(g) its size, and means taken
over the group:

    deviation(c) = sqrt( sum_g sum_i (c(i) - mean c)^2 / sum_g (n(g) - 1) )                in reward units
    share(c)     = sum_g sum_i (c(i) - mean c) (r(i) - mean r) / sum_g sum_i (r(i) - mean r)^2

The second is Cov(c, r) / Var(r), pooled over the groups: the part of the advantage r - mean r that comes
from c. It is negative if the component works against the others. The shares of all components add up to 1,
criteria left out: they divide the rubric's share. A trainer that divides advantages by the standard deviation
of their group weighs the groups differently.

A gate's contribution is, for a rollout that failed it, the reward less the mean reward of those rollouts of
the group that the formula scored (the low end of the range, without such rollouts), and 0 for all others. The
other components of the failed rollout are unknown. They count as the mean of their group, so that they add
nothing to the shares; means and deviations leave them out.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from math import fsum, sqrt
from operator import mul
from typing import NamedTuple

from reward_fn.score.contributions import ROUNDING, Component, Rewarded, contributions, fixed_by
from reward_fn.score.rubric import Part, criterion_parts
from reward_fn.types.batch import Scored
from reward_fn.types.definition import Definition
from reward_fn.types.verdict import Judged

OTHER_CRITERIA = "other-criteria"
"""All criteria of a rubric that the definition does not name: those of ``metadata.rubric``, and the standing
of the mode "group". Together, because data sets invent their names, and CloudWatch bills each name."""


class Figures(NamedTuple):
    """The figures of one component; ``mean`` (over ``rollouts``) and ``deviation`` are in reward units.

    ``deviation`` is None if no group has two rollouts in which the component is known, ``share`` if the
    rewards of no group vary.
    """

    component: Component
    rollouts: int
    mean: float
    deviation: float | None
    share: float | None


class _Sums:
    """Sums over groups; not a dataclass, whose making would take 1 ms of each cold start."""

    def __init__(self) -> None:
        self.rollouts = self.degrees = 0
        self.total = self.squares = self.products = 0.0

    def add(self, values: Sequence[float], advantages: Sequence[float], rounding: float) -> None:
        """Add one group: the known contributions, and the advantages of the same rollouts.

        Values that differ by ``rounding`` or less count as equal: an alarm reads a deviation of exactly 0.
        """
        total = fsum(values)
        self.rollouts += len(values)
        self.total += total
        self.degrees += len(values) - 1
        if max(values) - min(values) > rounding:
            centred = [value - total / len(values) for value in values]
            self.squares += fsum(value * value for value in centred)
            self.products += fsum(map(mul, centred, advantages))

    def merge(self, other: "_Sums") -> None:
        self.rollouts += other.rollouts
        self.total += other.total
        self.degrees += other.degrees
        self.squares += other.squares
        self.products += other.products


class ComponentSums:
    """Sums over groups of one definition, from which :meth:`figures` follow; the groups are not kept.

    ``groups`` counts the groups of two and more, ``varied`` those of them whose rewards differ.
    """

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.groups = self.varied = 0
        self._rounding = ROUNDING * (definition.high - definition.low)
        self._rewards = _Sums()
        self._sums: dict[Component, _Sums] = {}

    def add_group(self, rollouts: Sequence[Rewarded]) -> None:
        """Add all rollouts of one group; a group of one has no advantages and is ignored."""
        if len(rollouts) < 2:
            return
        rewards = [rollout.reward for rollout in rollouts]
        mean = fsum(rewards) / len(rewards)
        advantages = [reward - mean for reward in rewards]
        self.groups += 1
        self.varied += max(rewards) - min(rewards) > self._rounding
        self._rewards.add(rewards, advantages, self._rounding)
        fixed = [fixed_by(rollout, self.definition) for rollout in rollouts]
        free = [i for i, component in enumerate(fixed) if component is None]
        self._add_formula([rollouts[i] for i in free], [advantages[i] for i in free])
        base = fsum(rewards[i] for i in free) / len(free) if free else self.definition.low
        for gate in {component for component in fixed if component is not None}:
            values = [r - base if by == gate else 0.0 for r, by in zip(rewards, fixed, strict=True)]
            self._of(gate).add(values, advantages, self._rounding)

    def merge(self, other: "ComponentSums") -> None:
        """Add the sums over other groups of the same definition."""
        self.groups += other.groups
        self.varied += other.varied
        self._rewards.merge(other._rewards)
        for component, sums in other._sums.items():
            self._of(component).merge(sums)

    def figures(self) -> Iterator[Figures]:
        """Yield the figures of each component that is known in a group, and of every gate.

        Gates and rules are known in all rollouts, and contribute 0 where they did not apply.
        """
        gates = {Component("gate", spec.name): _Sums() for spec in self.definition.gates if self.groups}
        for component, sums in {**gates, **self._sums}.items():
            counts = self._rewards if component.role in ("gate", "rule") else sums
            deviation = sqrt(sums.squares / counts.degrees) if counts.degrees else None
            share = sums.products / self._rewards.squares if self.varied else None
            yield Figures(component, counts.rollouts, sums.total / counts.rollouts, deviation, share)

    def _add_formula(self, rollouts: Sequence[Rewarded], advantages: Sequence[float]) -> None:
        rows = [contributions(rollout, self.definition) for rollout in rollouts]
        for component in {component: None for row in rows for component in row}:
            values = [row.get(component, 0.0) for row in rows]
            self._of(component).add(values, advantages, self._rounding)

    def _of(self, component: Component) -> _Sums:
        return self._sums.setdefault(component, _Sums())


def batch_sums(scored: Scored, definition: Definition) -> ComponentSums:
    """Return the sums over the groups of a batch.

    Callers that send one rollout an invocation have no group of two, so there are no figures.
    """
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for i, result in enumerate(scored.results):
        if result.group and not result.imputed:
            groups[result.group].append(i)
    sums = ComponentSums(definition)
    for members in groups.values():
        if len(members) > 1:
            sums.add_group([_rewarded(scored, i, definition) for i in members])
    return sums


def _rewarded(scored: Scored, i: int, definition: Definition) -> Rewarded:
    result, outcome = scored.results[i], scored.outcomes.get(i)
    metrics = {metric.name: metric.value for metric in result.metrics}
    parts = criterion_parts(outcome.verdicts) if isinstance(outcome, Judged) else {}
    return Rewarded(result.reward, metrics, result.gate, _with_others(parts, definition))


def _with_others(parts: Mapping[str, Part], definition: Definition) -> Mapping[str, Part]:
    """Return the parts with those of all criteria that the definition does not name as one."""
    named = {criterion.name for criterion in definition.judge.criteria} if definition.judge else set()
    if parts.keys() <= named:
        return parts
    others = [part for name, part in parts.items() if name not in named]
    together = Part(fsum(part.earned for part in others), fsum(part.possible for part in others))
    return {name: part for name, part in parts.items() if name in named} | {OTHER_CRITERIA: together}
