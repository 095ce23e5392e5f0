"""Figures from columns. Pure: :mod:`rewardctl.report.columns` reads the records."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from reward_fn.score.contributions import Component
from reward_fn.types.definition import Definition
from rewardctl.report.bins import ORDER_BINS, QUANTITY_BINS, correlation, histogram, means_by, spread
from rewardctl.report.columns import Columns, Flag
from rewardctl.report.components import Part, column, is_own, parts_of, shares_of
from rewardctl.report.figures import (
    Bins,
    ComponentFigures,
    Figures,
    GateFigures,
    GroupFigures,
    JudgeFigures,
    Relation,
)
from rewardctl.report.within import Bools, Floats, Grouping, within_correlation, within_sd


@dataclass(frozen=True)
class About:
    """What is known about a run beside its records.

    ``unreadable`` counts the rows of its data without a record by reason. ``facts`` are shown as they are.
    ``cost_usd`` is what the run paid, None if it is only known by prices. Without a ``definition``,
    ``shares_missing`` says why it is not at hand.
    """

    name: str
    definition: Definition | None = None
    unreadable: Mapping[str, int] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    cost_usd: float | None = None
    shares_missing: str = ""


def measure(columns: Columns, about: About) -> Figures:
    """Return the figures of a run."""
    reward, usable = np.frombuffer(columns.reward), is_own(columns)
    low, high = _range(reward[usable], about.definition)
    grouping = Grouping.of(np.frombuffer(columns.group, np.int64), usable)
    parts = parts_of(about.definition, columns)
    shares = shares_of(columns, about.definition, parts, grouping) if about.definition else {}
    flags = np.frombuffer(columns.flags, np.uint8)
    name = (
        max(columns.definitions, key=columns.definitions.__getitem__) if columns.definitions else ("", "", "")
    )
    return Figures(
        name=about.name,
        definition=name[0],
        definition_version=name[1],
        definition_known=about.definition is not None,
        definitions=len(columns.definitions),
        low=low,
        high=high,
        rows=len(columns),
        unreadable=sum(about.unreadable.values()),
        unreadable_reasons=dict(about.unreadable),
        imputed=int(np.count_nonzero(flags & Flag.IMPUTED)),
        rejected=int(np.count_nonzero(flags & Flag.REJECTED)),
        no_response=int(np.count_nonzero(flags & Flag.NO_RESPONSE)),
        provoked=int(np.count_nonzero(flags & Flag.PROVOKED)),
        reasons=dict(columns.reasons.most_common()),
        reward=spread(reward[usable], low, high),
        rewards=histogram(reward[usable], low, high),
        groups=_groups(columns, grouping, low, high),
        components=tuple(_components(columns, parts, shares, usable)),
        shares_missing=about.shares_missing,
        gates=tuple(_gates(columns, parts)),
        length=_relation(columns.length, columns, usable),
        place=_relation(columns.place, columns, usable),
        order=_relation(columns.line, columns, usable, ORDER_BINS),
        judge=_judge(columns, about),
        facts=dict(about.facts),
    )


def _range(rewards: Floats, definition: Definition | None) -> tuple[float, float]:
    """Return the ends of the range; without a definition [0, 1], widened to hold all rewards."""
    if definition is not None:
        return definition.low, definition.high
    return float(np.min(np.r_[0.0, rewards])), float(np.max(np.r_[1.0, rewards]))


def _groups(columns: Columns, grouping: Grouping, low: float, high: float) -> GroupFigures:
    reward = np.frombuffer(columns.reward)
    tied, means = grouping.ranges(reward) == 0.0, grouping.means(reward)
    return GroupFigures(
        count=len(columns.groups),
        compared=grouping.count,
        zero_variance=int(tied.sum()),
        zero_variance_share=float(tied.mean()) if grouping.count else None,
        all_high=int((tied & np.isclose(means, high)).sum()),
        all_low=int((tied & np.isclose(means, low)).sum()),
        mean_size=float(grouping.sizes.mean()) if grouping.count else None,
        within_sd=within_sd(grouping, reward),
        tied=histogram(means[tied], low, high),
        varied=histogram(means[~tied], low, high),
    )


def _components(
    columns: Columns, parts: Sequence[Part], shares: Mapping[Component, float | None], usable: Bools
) -> Iterator[ComponentFigures]:
    rules = [Part(component.name, "rule") for component in shares if component.role == "rule"]
    by_name: dict[tuple[str, str], float | None] = {
        (component.role, component.name): share for component, share in shares.items()
    }
    for part in [*parts, *rules]:
        values = column(columns, part.name)
        known = usable & ~np.isnan(values)
        present = values[known]
        yield ComponentFigures(
            part.name,
            part.role,
            part.weight,
            rows=len(present),
            mean=float(present.mean()) if len(present) else None,
            within_sd=within_sd(Grouping.of(np.frombuffer(columns.group, np.int64), known), values),
            share=by_name.get((part.role, part.name)),
            lowest=float(np.min(present)) if len(present) else None,
            highest=float(np.max(present)) if len(present) else None,
        )


def _gates(columns: Columns, parts: Sequence[Part]) -> list[GateFigures]:
    """Return the gates in the order in which they are tried."""
    failed_gate = np.frombuffer(columns.gate, np.int64)
    numbers = {name: number for number, name in enumerate(columns.gates)}
    names = [part.name for part in parts if part.role == "gate"]
    figures = []
    for name in [*names, *(name for name in numbers if name not in names)]:
        failed = int((failed_gate == numbers.get(name, -2)).sum())
        tried = int((~np.isnan(column(columns, name))).sum())
        if name not in columns.scores:  # a list's length: everything that no gate stopped came to it
            tried = int((failed_gate < 0).sum()) + failed
        figures.append(GateFigures(name, tried, failed, 1.0 - failed / tried if tried else None))
    return figures


def _relation(quantity: Any, columns: Columns, usable: Bools, bins: int = QUANTITY_BINS) -> Relation:
    x, y = np.frombuffer(quantity), np.frombuffer(columns.reward)
    known = Grouping.of(np.frombuffer(columns.group, np.int64), usable & ~np.isnan(x))
    binned = means_by(x[usable], y[usable], bins)
    return Relation(correlation(x[usable], y[usable]), within_correlation(known, x, y), binned)


def _judge(columns: Columns, about: About) -> JudgeFigures:
    calls = columns.calls
    latencies = np.frombuffer(calls.latencies_s)
    latencies = latencies[~np.isnan(latencies)]
    shares = (0.5, 0.9, 0.99, 1.0)
    quantiles = np.quantile(latencies, shares).tolist() if len(latencies) else []
    agreement = np.frombuffer(columns.agreement)
    agreement = agreement[~np.isnan(agreement)]
    return JudgeFigures(
        models=tuple(sorted(calls.models)),
        calls=round(calls.count),
        failed=round(calls.failed),
        failures={reason: round(number) for reason, number in calls.failures.items()},
        tokens={kind: round(number) for kind, number in calls.tokens.items()},
        cost_usd=calls.cost_usd if about.cost_usd is None else about.cost_usd,
        paid=about.cost_usd is not None,
        latency_s={f"{share:g}": value for share, value in zip(shares, quantiles, strict=False)},
        latencies=histogram(latencies, 0.0, quantiles[2], 20) if quantiles else Bins(),
        agreement=float(agreement.mean()) if len(agreement) else None,
    )
