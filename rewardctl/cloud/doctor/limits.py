"""What a job will ask for against what there is: the payload's size, and the judge's quota."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from rewardctl.cloud.clients import Clients
from rewardctl.cloud.doctor.demand import calls_a_rollout, full_group, tokens_a_call
from rewardctl.cloud.doctor.finding import Finding, unknown
from rewardctl.cloud.doctor.probe import Probe
from rewardctl.cloud.errors import CloudError, explained
from rewardctl.local.inputs import MAX_EVENT_BYTES

ASSUMED_LATENCY_S = 2.0
"""Of a judge call, where none was measured."""
LEAST_LATENCY_S = 0.5
"""A rubric is answered no faster: less is the function's memory of verdicts, and measures nothing."""

# Service Quotas has no code for a model that could be told from its id: the quotas are found by their names,
# which hold a model's as Bedrock writes it.
QUOTA_WORDS = {
    "nova-2-lite": "Nova 2 Lite",
    "nova-pro": "Nova Pro",
    "nova-premier": "Nova Premier",
    "claude-haiku-4-5": "Claude Haiku 4.5",
    "claude-opus-4-5": "Claude Opus 4.5",
    "gpt-oss-120b": "gpt-oss-120b",
}


@dataclass(frozen=True)
class Job:
    """The recipe's fields that count here: invocations at a time, and rollouts in each."""

    concurrency_limit: int
    batch_size: int

    def calls_at_once(self, workers: int, calls_a_rollout: float = 1.0) -> int:
        """Judge calls in flight at a time, where an invocation makes at most `workers` at a time."""
        return self.concurrency_limit * min(ceil(self.batch_size * calls_a_rollout), workers)


@dataclass(frozen=True)
class Pace:
    """How fast a job asks: judge calls in flight at a time, and the seconds that one takes."""

    calls: int
    latency_s: float
    measured: bool

    @property
    def calls_a_minute(self) -> int:
        """As many again as soon as they are answered, for as long as the trainer waits for rewards."""
        return ceil(self.calls * 60 / self.latency_s)

    @property
    def words(self) -> str:
        """How it was worked out."""
        how = "as measured" if self.measured else "assumed"
        return f"{self.calls:,} calls in flight, {self.latency_s:.1f} s each, {how}"


def check_payload(probe: Probe, job: Job) -> Iterator[Finding]:
    """A batch of rollouts as large as the event's largest, against what Lambda takes in one call."""
    largest = max(len(json.dumps(row, ensure_ascii=False).encode("utf-8")) for row in probe.event)
    batch = largest * job.batch_size
    seen = f"{job.batch_size} × {largest:,} bytes = {batch / 1e6:.1f} MB of {MAX_EVENT_BYTES / 1e6:.1f} MB"
    if batch <= MAX_EVENT_BYTES:
        yield Finding("payload", "ok", seen)
    else:
        remedy = f"Set the recipe's lambda_batch_size to {max(MAX_EVENT_BYTES // largest, 1)} or less."
        yield Finding("payload", "failed", seen, remedy)


def check_quota(
    clients: Clients, models: Sequence[str], probe: Probe, job: Job, workers: int, latency_s: float | None
) -> Iterator[Finding]:
    """The judge's requests and tokens a minute against those of a job at full speed.

    `latency_s` is what one judge call takes, None where it was not measured.
    """
    spec = probe.definition.judge if probe.definition else None
    # Side by side, the whole groups of a batch are asked about together.
    a_rollout = calls_a_rollout(spec, together=full_group(spec)) if spec else 1.0
    calls = job.calls_at_once(workers, a_rollout)
    measured = latency_s is not None and latency_s >= LEAST_LATENCY_S
    pace = Pace(calls, latency_s if latency_s and measured else ASSUMED_LATENCY_S, measured)
    needed_calls = pace.calls_a_minute
    tokens = needed_calls * tokens_a_call(probe.rows, spec)
    for model in models:
        words = next((words for part, words in QUOTA_WORDS.items() if part in model), "")
        try:
            quotas = _quotas(clients, words) if words else []
        except CloudError as error:
            yield unknown("quota", error, otherwise=f"{needed_calls:,} judge calls a minute must fit it.")
            continue
        chosen = [each for each in quotas if _pool(each["QuotaName"]) == _pool_of(model)]
        found = [
            (each, needed_calls if "requests per minute" in each["QuotaName"].lower() else tokens)
            for each in chosen
        ]
        if not found:
            yield Finding(
                "quota", "can't tell", f"Service Quotas has no line for {model}",
                f"Compare by hand: {needed_calls:,} calls a minute, about {tokens:,} tokens ({pace.words}).",
            )  # fmt: skip
        for quota, needed in found:
            yield _compared(quota, needed, job, pace)


def _quotas(clients: Clients, words: str) -> list[dict[str, Any]]:
    """Bedrock's quotas a minute whose names hold `words`. Raises CloudError."""
    with explained("reading Bedrock's quotas"):
        pages = clients("service-quotas").get_paginator("list_service_quotas").paginate(ServiceCode="bedrock")
        found = [each for page in pages for each in page["Quotas"]]
    return [
        each for each in found
        if "per minute" in each["QuotaName"].lower() and each["QuotaName"].lower().endswith(words.lower())
    ]  # fmt: skip


def _pool(name: str) -> str:
    lowered = name.lower()
    return (
        "global" if lowered.startswith("global") else "cross" if lowered.startswith("cross") else "on-demand"
    )


def _pool_of(model: str) -> str:
    """Each way to a model has a quota of its own: global and regional profiles, and the model itself."""
    name = model.rpartition("/")[2]
    if name.startswith("global."):
        return "global"
    return "cross" if name.count(".") > 1 else "on-demand"


def _compared(quota: dict[str, Any], needed: int, job: Job, pace: Pace) -> Finding:
    seen = f"{quota['QuotaName']}: {quota['Value']:,.0f}; a job may need {needed:,} a minute ({pace.words})"
    if quota["Value"] >= needed:
        return Finding("quota", "ok", seen)
    return Finding(
        "quota", "warning", seen,
        f"Lower lambda_concurrency_limit (now {job.concurrency_limit}) or JudgeMaxWorkers, or ask for more: "
        f"quota {quota.get('QuotaCode', '')}. What is throttled is tried again while the deadline allows.",
    )  # fmt: skip
