"""What operators see: one JSON log line a rollout, and CloudWatch metrics in the embedded format.

Every metric's name and every log field stands here. Text of prompts and responses is logged only with
LOG_TEXT on.
"""

import json
import logging
import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from reward_fn.report.judge_health import health_counts, health_lines
from reward_fn.report.signals import compared_groups, reward_level, signs
from reward_fn.types.batch import Scored, Signs
from reward_fn.types.definition import Definition
from reward_fn.types.result import Result
from reward_fn.types.rollout import Rejected, Rollout
from reward_fn.types.usage import Usage, failures_by_reason

NAMESPACE = "SageMakerRewardFunction"
_VOTE = frozenset({"escalated", "judge_agreement"})
MAX_LOGGED_ID_CHARS = 256
MAX_LOGGED_TEXT_CHARS = 20_000


def _logger() -> Logger:
    """powertools' own, with one encoder for all lines and no place in the code, which is always the same."""
    encoder = json.JSONEncoder(separators=(",", ":"), default=str)
    return Logger(service="reward-fn", location=None, json_serializer=encoder.encode, json_deserializer=str)


class Telemetry:
    """Logs and metrics of one environment; ``report`` is called once an invocation."""

    def __init__(self, *, log_text: bool, logger: Logger | None = None) -> None:
        self._log_text = log_text
        self._logger = logger or _logger()
        self._function = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "")

    def report(self, scored: Scored, definition: Definition, request_id: str) -> None:
        """Flush the metrics and write the lines of an answered batch.

        What the doctor reads comes last: Lambda returns no more than the last 4 kB of a call's log.
        """
        for dimensions, values in metrics_of(scored, definition):
            flush_metrics(dimensions, values, function=self._function)
        for result, entry in zip(scored.results, scored.entries, strict=True):
            text = {"prompt": entry.prompt, "response": entry.response} if isinstance(entry, Rollout) else {}
            fields = log_fields(result, definition, request_id)
            if self._log_text:
                fields.update({name: value[:MAX_LOGGED_TEXT_CHARS] for name, value in text.items()})
            self._logger.info("rollout", extra=fields)
        for line in health_lines(scored.usage):
            fields = {**line.fields, **_served(definition), "request_id": request_id}
            write = self._logger.error if line.level == logging.ERROR else self._logger.warning
            write(line.message, extra=fields)

    def warn_of(self, definition: Definition) -> None:
        """What the linter found in a definition, once, when it is loaded."""
        for warning in definition.warnings:
            fields = {**_served(definition), "code": warning.code, "place": warning.place}
            self._logger.warning(warning.message, extra=fields)

    def report_traces(self, definition: Definition, *, dropped: str = "") -> None:
        """Count a batch of traces that was written, or one that was not, with the cause in a line."""
        if dropped:
            self._logger.warning(f"traces dropped: {dropped}", extra=_served(definition))
        values: Values = [("TraceBatches", MetricUnit.Count, not dropped)]
        values.append(("TraceBatchesDropped", MetricUnit.Count, bool(dropped)))
        flush_metrics({"definition": definition.name}, values)


def _served(definition: Definition) -> dict[str, str]:
    """Which definition: in every line. One from a store has its URI, with the version, and its hash."""
    served = {"definition": definition.name, "definition_version": definition.version}
    if definition.source:
        served |= {"definition_source": definition.source, "definition_sha256": definition.sha256}
    return served


def log_fields(result: Result, definition: Definition, request_id: str) -> dict[str, Any]:
    """The fields of one rollout's line: AWS's names at top level, each dimension under its own name."""
    identity = result.id if isinstance(result.id, int | float) else str(result.id)[:MAX_LOGGED_ID_CHARS]
    return {
        "id": identity,
        "aggregate_reward_score": result.reward,
        **{metric.name: metric.value for metric in result.metrics},
        "gate": result.gate,
        "group": result.group,
        "details": dict(result.details),
        "reasons": [
            f"{why.reason}: {why.detail}" if why.detail else str(why.reason) for why in result.reasons
        ],
        **_served(definition),
        "request_id": request_id,
    }


Values = list[tuple[str, MetricUnit, float]]


def metrics_of(scored: Scored, definition: Definition) -> Iterable[tuple[dict[str, str], Values]]:
    """(dimensions, values) for each record of the embedded format; ``definition`` is always a dimension."""
    base = {"definition": definition.name}
    count, share = MetricUnit.Count, MetricUnit.NoUnit
    results = scored.results
    general: Values = [("Rollouts", count, len(results)), *(("Reward", share, r.reward) for r in results)]
    general += [("Imputed", count, sum(r.imputed for r in results))]
    general += _unread_values(scored)
    general += _vote_values(results)
    general += [("UnsupportedQuotes", count, sum(r.unsupported for r in results))]
    if (level := reward_level(results, definition)) is not None:
        general.append(("RewardLevel", share, level))
    groups, ties = compared_groups(results)
    general += [("Groups", count, groups), ("ZeroVarianceGroups", count, ties)]
    general += [("ZeroVarianceShare", share, ties / groups)] if groups else []
    general += _sign_values(signs(scored.entries, results, definition, scored.texts))
    yield base, general + _judge_values(scored.usage)
    for why, failures in failures_by_reason(scored.usage.calls).items():
        yield {**base, "reason": why.value}, [("JudgeCallsFailed", count, failures)]
    for model, answers in Counter(c.model_id for c in scored.usage.calls if c.failure is None).items():
        yield {**base, "model": model}, [("JudgeAnswers", count, answers)]
    for gate, failed in Counter(r.gate for r in results if r.gate).items():
        yield {**base, "check": gate}, [("GateFailed", count, failed)]
    for reason, unscored in Counter(why.reason.value for r in results for why in r.reasons).items():
        yield {**base, "reason": reason}, [("Unscored", count, unscored)]


def _unread_values(scored: Scored) -> Values:
    """The rows without a response that could be read: many in a job are the sign of an unknown form."""
    unread = sum(isinstance(entry, Rejected) for entry in scored.entries)
    share = unread / (len(scored.entries) or 1)
    return [("RowsUnread", MetricUnit.Count, unread), ("RowsUnreadShare", MetricUnit.NoUnit, share)]


def _vote_values(results: Sequence[Result]) -> Values:
    """How the verdicts came about, over the rollouts that were judged by more than one call of one model."""
    told: defaultdict[str, list[float]] = defaultdict(list)
    for metric in (metric for result in results for metric in result.metrics if metric.name in _VOTE):
        told[metric.name].append(metric.value)
    values: Values = []
    if escalated := told["escalated"]:
        values.append(("Escalated", MetricUnit.Count, sum(escalated)))
        values.append(("EscalatedShare", MetricUnit.NoUnit, sum(escalated) / len(escalated)))
    if agreement := told["judge_agreement"]:
        values.append(("JudgeAgreement", MetricUnit.NoUnit, sum(agreement) / len(agreement)))
    return values


def _judge_values(usage: Usage) -> Values:
    count, milliseconds = MetricUnit.Count, MetricUnit.Milliseconds
    return [
        ("JudgeCalls", count, len(usage.calls)),
        ("JudgeFailures", count, sum(call.failure is not None for call in usage.calls)),
        *((name, count, number) for name, number in health_counts(usage).items()),
        ("JudgeRetries", count, usage.retries),
        ("JudgeShared", count, usage.shared),
        ("JudgeAbandoned", count, usage.abandoned),
        ("JudgeCostUsd", MetricUnit.NoUnit, round(usage.cost_usd, 6)),
        ("JudgeInputTokens", count, sum(call.input_tokens for call in usage.calls)),
        ("JudgeOutputTokens", count, sum(call.output_tokens for call in usage.calls)),
        ("JudgeCachedTokens", count, sum(call.cache_read_tokens for call in usage.calls)),
        ("JudgeCacheWriteTokens", count, sum(call.cache_write_tokens for call in usage.calls)),
        *_recall_values(usage),
        *(("JudgeLatency", milliseconds, round(call.latency_s * 1000, 1)) for call in usage.calls),
    ]


def _recall_values(usage: Usage) -> Values:
    if (recalled := usage.recalled) is None:
        return []
    count = MetricUnit.Count
    return [
        ("VerdictCacheHits", count, recalled.hits),
        ("VerdictCacheMisses", count, recalled.misses),
        ("VerdictCacheErrors", count, recalled.errors),
    ]


def _sign_values(found: Signs) -> Values:
    """Signs that the reward is gamed; an unknown one is left out."""
    count, share = MetricUnit.Count, MetricUnit.NoUnit
    counts = [("HollowAnswers", found.texts.hollow), ("InjectionMarks", found.texts.injections)]
    shares = [
        ("NearDuplicateShare", found.texts.repeated),
        ("GroupDuplicateShare", found.texts.alike),
        ("RewardLengthCorrelation", found.length_correlation),
        ("CanaryReward", found.canary_level),
    ]
    return [
        *((name, count, value) for name, value in counts if value is not None),
        *((name, share, value) for name, value in shares if value is not None),
        *([("Canaries", count, found.canaries)] if found.canaries else []),
    ]


def flush_metrics(dimensions: dict[str, str], values: Values, *, function: str = "") -> None:
    """One record, or several where a metric has more than the format's 100 values.

    With ``function`` the same values stand under that function's name too, in place of the definition's:
    alarms and the dashboard know the function, not what definition it will load.
    """
    metrics = EphemeralMetrics(namespace=NAMESPACE)
    for name, value in dimensions.items():
        metrics.add_dimension(name, value)
    if function:
        others = {name: value for name, value in dimensions.items() if name != "definition"}
        metrics.add_dimensions(function_name=function, **others)
    for metric, unit, number in values:
        metrics.add_metric(metric, unit, number)
    if metrics.metric_set:  # the library flushes by itself at 100 values
        metrics.flush_metrics()
