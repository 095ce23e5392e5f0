"""The CloudWatch metrics of an answered batch, as plain values. Pure: telemetry writes them.

Alarms and dashboard in ``template.yaml`` depend on the names, which :mod:`reward_fn.reserved_names` lists.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from reward_fn.report.components import Figures, batch_sums
from reward_fn.report.judge_health import health_counts
from reward_fn.report.signals import compared_groups, reward_level, signs
from reward_fn.types.batch import Scored, Signs
from reward_fn.types.definition import Definition
from reward_fn.types.result import Result
from reward_fn.types.rollout import Rejected
from reward_fn.types.usage import Recalled, Usage, failures_by_reason

_VOTE_METRICS = frozenset({"escalated", "judge_agreement"})
_EARNING_ROLES = frozenset({"score", "rubric", "criterion"})
"""The components that are expected to differ within groups, which an alarm watches. A gate that all rollouts
pass and a penalty that never applies are healthy."""


class Datum(NamedTuple):
    """One value of one metric. The unit is CloudWatch's name of it; shares have none."""

    metric: str
    unit: Literal["Count", "None", "Milliseconds"]
    value: float


class Record(NamedTuple):
    """Values that share their dimensions, such as ``{"definition": "math-answer", "check": "length"}``."""

    dimensions: Mapping[str, str]
    data: Sequence[Datum]


def count(metric: str, value: float) -> Datum:
    """A number of things."""
    return Datum(metric, "Count", value)


def share(metric: str, value: float) -> Datum:
    """A number without a unit: a share, a reward, a correlation, dollars."""
    return Datum(metric, "None", value)


def metrics_of(scored: Scored, definition: Definition) -> Iterator[Record]:
    """All metrics of a batch; every record has the definition's name among its dimensions."""
    base = {"definition": definition.name}
    results, calls = scored.results, scored.usage.calls
    yield Record(base, [*_batch_data(scored, definition), *_judge_data(scored.usage)])
    for reason, failures in failures_by_reason(calls).items():
        yield Record({**base, "reason": reason.value}, [count("JudgeCallsFailed", failures)])
    for model, answers in Counter(call.model_id for call in calls if call.failure is None).items():
        yield Record({**base, "model": model}, [count("JudgeAnswers", answers)])
    for gate, failed in Counter(result.gate for result in results if result.gate).items():
        yield Record({**base, "check": gate}, [count("GateFailed", failed)])
    for cause, rollouts in Counter(why.reason.value for result in results for why in result.reasons).items():
        yield Record({**base, "reason": cause}, [count("Unscored", rollouts)])
    for figures in _component_figures(scored, definition):
        yield Record({**base, "component": figures.component.name}, list(_component_data(figures)))


def trace_metrics(definition: Definition, *, dropped: bool) -> Record:
    """A batch of traces that was written, or dropped."""
    data = [count("TraceBatches", not dropped), count("TraceBatchesDropped", dropped)]
    return Record({"definition": definition.name}, data)


def _component_figures(scored: Scored, definition: Definition) -> Sequence[Figures]:
    """The figures of each component, if the rewards of a group vary: without that none could contribute."""
    try:
        sums = batch_sums(scored, definition)
        return list(sums.figures()) if sums.varied else []
    except Exception:  # noqa: BLE001 - figures are only reported; the other metrics and the log must not be lost
        return []


def _component_data(figures: Figures) -> Iterator[Datum]:
    if figures.component.role in _EARNING_ROLES and figures.deviation is not None:
        yield share("ComponentDeviation", figures.deviation)
    if figures.share is not None:
        yield share("ComponentAdvantageShare", figures.share)


def _batch_data(scored: Scored, definition: Definition) -> Iterator[Datum]:
    """Rewards, rows without a response, votes, groups, and signs of a gamed reward."""
    results = scored.results
    yield count("Rollouts", len(results))
    yield from (share("Reward", result.reward) for result in results)
    yield count("Imputed", sum(result.imputed for result in results))
    unread = sum(isinstance(entry, Rejected) for entry in scored.entries)
    yield count("RowsUnread", unread)
    yield share("RowsUnreadShare", unread / (len(scored.entries) or 1))
    yield from _vote_data(results)
    yield count("UnsupportedQuotes", sum(result.unsupported for result in results))
    level = reward_level(results, definition)
    if level is not None:
        yield share("RewardLevel", level)
    groups, ties = compared_groups(results)
    yield count("Groups", groups)
    yield count("ZeroVarianceGroups", ties)
    if groups:
        yield share("ZeroVarianceShare", ties / groups)
    yield from _sign_data(signs(scored.entries, results, definition, scored.texts))


def _vote_data(results: Sequence[Result]) -> Iterator[Datum]:
    """Escalation and agreement, over the rollouts for which more than one judge call was possible."""
    values: defaultdict[str, list[float]] = defaultdict(list)
    for metric in (metric for result in results for metric in result.metrics):
        if metric.name in _VOTE_METRICS:
            values[metric.name].append(metric.value)
    if escalated := values["escalated"]:
        yield count("Escalated", sum(escalated))
        yield share("EscalatedShare", sum(escalated) / len(escalated))
    if agreement := values["judge_agreement"]:
        yield share("JudgeAgreement", sum(agreement) / len(agreement))


def _judge_data(usage: Usage) -> Iterator[Datum]:
    """The judge calls of the batch. ``JudgeLatency`` has one value for each call."""
    calls = usage.calls
    yield count("JudgeCalls", len(calls))
    yield count("JudgeFailures", sum(call.failure is not None for call in calls))
    yield from (count(name, number) for name, number in health_counts(usage).items())
    yield count("JudgeRetries", usage.retries)
    yield count("JudgeShared", usage.shared)
    yield count("JudgeAbandoned", usage.abandoned)
    yield share("JudgeCostUsd", round(usage.cost_usd, 6))
    yield count("JudgeInputTokens", sum(call.input_tokens for call in calls))
    yield count("JudgeOutputTokens", sum(call.output_tokens for call in calls))
    yield count("JudgeCachedTokens", sum(call.cache_read_tokens for call in calls))
    yield count("JudgeCacheWriteTokens", sum(call.cache_write_tokens for call in calls))
    if usage.recalled is not None:
        yield from _recall_data(usage.recalled)
    yield from (Datum("JudgeLatency", "Milliseconds", round(call.latency_s * 1000, 1)) for call in calls)


def _recall_data(recalled: Recalled) -> Iterator[Datum]:
    yield count("VerdictCacheHits", recalled.hits)
    yield count("VerdictCacheMisses", recalled.misses)
    yield count("VerdictCacheErrors", recalled.errors)


def _sign_data(batch_signs: Signs) -> Iterator[Datum]:
    """Signs of a gamed reward; an unknown one is left out."""
    texts = batch_signs.texts
    for name, number in (("HollowAnswers", texts.hollow), ("InjectionMarks", texts.injections)):
        if number is not None:
            yield count(name, number)
    shares = [
        ("NearDuplicateShare", texts.repeated),
        ("GroupDuplicateShare", texts.alike),
        ("RewardLengthCorrelation", batch_signs.length_correlation),
        ("CanaryReward", batch_signs.canary_level),
    ]
    for name, value in shares:
        if value is not None:
            yield share(name, value)
    if batch_signs.canaries:
        yield count("Canaries", batch_signs.canaries)
