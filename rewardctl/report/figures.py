"""The figures of a run, as plain data: what `report --json` prints and the page shows.

Shares, rates and correlations are None where nothing defines them. "Own" rewards are those that are not
imputed; all statistics of rewards are about them alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rewardctl.report.components import Role


@dataclass(frozen=True, slots=True)
class Bins:
    """Counts or means over intervals: bin i reaches from ``edges[i]`` to ``edges[i + 1]``.

    ``counts`` are rollouts; ``means`` their mean reward, None for an empty bin; ``errors`` the standard error
    of that mean, None below two rollouts.
    """

    edges: tuple[float, ...] = ()
    counts: tuple[int, ...] = ()
    means: tuple[float | None, ...] = ()
    errors: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Spread:
    """A distribution: ``quantiles`` by their share, as "0.5".

    ``level`` is the mean's place in the range, 0 to 1.
    """

    count: int
    mean: float | None = None
    sd: float | None = None
    level: float | None = None
    quantiles: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """Groups of prompts. ``compared`` have two and more own rewards; ``zero_variance`` of them are all equal.

    ``all_high`` and ``all_low`` of these are at the ends of the range. ``within_sd`` is the pooled standard
    deviation of rewards within groups. ``tied`` and ``varied`` count the groups by their mean reward.
    """

    count: int
    compared: int
    zero_variance: int
    zero_variance_share: float | None
    all_high: int
    all_low: int
    mean_size: float | None
    within_sd: float | None
    tied: Bins = Bins()
    varied: Bins = Bins()


@dataclass(frozen=True, slots=True)
class ComponentFigures:
    """A component of the reward, over the rows with own rewards.

    ``mean`` and ``within_sd`` are in the component's own units (a score from 0 to 1; a penalty's deduction,
    at most 0), ``share`` is its share of the advantage. A gate's mean is its check's score. ``lowest`` and
    ``highest`` are its extreme values; ``rows`` have one.
    """

    name: str
    role: Role
    weight: float | None
    rows: int
    mean: float | None
    within_sd: float | None
    share: float | None
    lowest: float | None
    highest: float | None


@dataclass(frozen=True, slots=True)
class GateFigures:
    """A gate, or the length of the judged list: ``tried`` rollouts came to it, ``failed`` got its reward."""

    name: str
    tried: int
    failed: int
    pass_rate: float | None


@dataclass(frozen=True, slots=True)
class Relation:
    """How rewards go with a quantity: Pearson's r over all rollouts, r of values less their group's mean, and
    the mean reward in bins of it."""

    r: float | None
    within_r: float | None
    bins: Bins = Bins()


@dataclass(frozen=True, slots=True)
class JudgeFigures:
    """The judge's calls. ``latency_s`` has the quantiles "0.5", "0.9", "0.99" and "1" of calls that gave
    verdicts. ``agreement`` is the mean share of pairs of voters who agree. ``paid`` says whether ``cost_usd``
    is what the run paid; else it is an estimate from tokens and prices."""

    models: tuple[str, ...]
    calls: int
    failed: int
    failures: Mapping[str, int]
    tokens: Mapping[str, int]
    cost_usd: float
    paid: bool
    latency_s: Mapping[str, float]
    latencies: Bins = Bins()
    agreement: float | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that one run comes to.

    ``unreadable`` rows of the data gave no record. ``imputed``, ``rejected``, ``no_response`` and
    ``provoked`` count rollouts. ``reasons`` counts rollouts by why something is unscored. ``low`` and
    ``high`` are the ends of the definition's range, or of the rewards where ``definition_known`` is False.
    ``shares_missing`` says why components have no share of the advantage, "" if they have.
    """

    name: str
    definition: str
    definition_version: str
    definition_known: bool
    definitions: int
    low: float
    high: float
    rows: int
    unreadable: int
    unreadable_reasons: Mapping[str, int]
    imputed: int
    rejected: int
    no_response: int
    provoked: int
    reasons: Mapping[str, int]
    reward: Spread
    rewards: Bins
    groups: GroupFigures
    components: tuple[ComponentFigures, ...]
    shares_missing: str
    gates: tuple[GateFigures, ...]
    length: Relation
    place: Relation
    order: Relation
    judge: JudgeFigures
    facts: Mapping[str, Any] = field(default_factory=dict)
