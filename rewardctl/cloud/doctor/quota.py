"""The quotas of Bedrock: each model's requests and tokens a minute against its own calls in a job."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from rewardctl.cloud.clients import Clients
from rewardctl.cloud.doctor.finding import Finding, unknown
from rewardctl.cloud.doctor.limits import Job
from rewardctl.cloud.doctor.probe import Probe
from rewardctl.cloud.errors import CloudError, explained
from rewardctl.judge_demand import ModelCalls, Role, tokens_a_call

ASSUMED_LATENCY_S = 2.0
"""Seconds of a judge call if none was measured."""
LEAST_LATENCY_S = 0.5
"""A judge never answers a rubric faster; less means that the function remembered the verdicts."""

# Service Quotas has no code that could be told from a model's id. Its names of quotas end in the model's
# name as Bedrock writes it.
QUOTA_WORDS = {
    "nova-2-lite": "Nova 2 Lite",
    "nova-pro": "Nova Pro",
    "nova-premier": "Nova Premier",
    "claude-haiku-4-5": "Claude Haiku 4.5",
    "claude-opus-4-5": "Claude Opus 4.5",
    "gpt-oss-120b": "gpt-oss-120b",
}
ROLE_WORDS: dict[Role, str] = {
    "voter": "",
    "fallback": "; only if another model fails",
    "escalation": "; only if voters differ or are unsure",
}


@dataclass(frozen=True)
class Pace:
    """How fast a job calls one model: calls in flight, and seconds a call, measured or assumed."""

    calls: int
    latency_s: float
    measured: bool
    role: Role = "voter"

    @property
    def calls_a_minute(self) -> int:
        """Calls a minute if each call that ends is followed by the next one."""
        return ceil(self.calls * 60 / self.latency_s)

    @property
    def words(self) -> str:
        """How the number was computed."""
        how = "as measured" if self.measured else "assumed"
        return f"{self.calls:,} calls in flight, {self.latency_s:.1f} s each, {how}{ROLE_WORDS[self.role]}"


def check_quota(
    clients: Clients,
    models: Sequence[ModelCalls],
    probe: Probe,
    job: Job,
    workers: int,
    latency_s: float | None,
) -> Iterator[Finding]:
    """Compare the quotas of each model with its own requests and tokens a minute in a job at full speed.

    `latency_s` is the time of one judge call, None if it was not measured.
    """
    spec = probe.definition.judge if probe.definition else None
    measured = latency_s is not None and latency_s >= LEAST_LATENCY_S
    latency_s = latency_s if latency_s and measured else ASSUMED_LATENCY_S
    a_call = tokens_a_call(probe.rows, spec)
    for demand in models:
        pace = Pace(job.calls_in_flight(demand, spec, workers), latency_s, measured, demand.role)
        yield from _check_model(clients, demand.model, pace, a_call, job)


def _check_model(clients: Clients, model: str, pace: Pace, a_call: int, job: Job) -> Iterator[Finding]:
    calls = pace.calls_a_minute
    try:
        quotas = _quotas_of(clients, model)
    except CloudError as error:
        otherwise = f"The quota must allow {calls:,} calls of {model} a minute."
        yield unknown("quota", error, otherwise=otherwise)
        return
    for quota in quotas:
        of_requests = "requests per minute" in quota["QuotaName"].lower()
        yield _compared(quota, calls if of_requests else calls * a_call, job, pace)
    if not quotas:
        yield Finding(
            "quota", "can't tell", f"Service Quotas has no line for {model}",
            f"Compare by hand: {calls:,} calls a minute, about {calls * a_call:,} tokens ({pace.words}).",
        )  # fmt: skip


def _quotas_of(clients: Clients, model: str) -> list[dict[str, Any]]:
    """The quotas a minute of a model, by the way it is called; [] if its name is not known."""
    words = next((words for part, words in QUOTA_WORDS.items() if part in model), "").lower()
    if not words:
        return []
    with explained("reading Bedrock's quotas"):
        pages = clients("service-quotas").get_paginator("list_service_quotas").paginate(ServiceCode="bedrock")
        quotas = [quota for page in pages for quota in page["Quotas"]]
    names = [(quota, quota["QuotaName"].lower()) for quota in quotas]
    return [
        quota for quota, name in names
        if "per minute" in name and name.endswith(words) and _pool(name) == _pool_of(model)
    ]  # fmt: skip


def _pool(quota: str) -> str:
    """The way of calling that a quota is for, by its name in lower case."""
    return next((pool for pool in ("global", "cross") if quota.startswith(pool)), "on-demand")


def _pool_of(model: str) -> str:
    """The way in which a model id is called: global or regional profile, or the model itself.

    Each way has a quota of its own.
    """
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
        f"quota {quota.get('QuotaCode', '')}. Throttled calls are retried until the deadline.",
    )  # fmt: skip
