"""What will not do in a planned job, each with its remedy."""

from collections.abc import Iterator
from datetime import date
from math import ceil
from typing import NamedTuple

from reward_fn.judge.models.facts import checked_on
from reward_fn.score.policies import POLICIES
from reward_fn.settings import read_settings
from rewardctl.cloud.doctor.limits import Job, check_payload
from rewardctl.cloud.doctor.probe import Probe
from rewardctl.cloud.prices import table
from rewardctl.judge_demand import full_group
from rewardctl.plan.plan import Plan

STALE_DAYS = 90
SDK_READ_TIMEOUT_S = 60
"""botocore's default ``read_timeout``: a caller in an SDK gives up then, and sends the batch again."""
SLOW_SHARE = 0.5
"""A trainer that waits longer than this share of a step pays more for waiting than for work."""


class Caution(NamedTuple):
    """One sentence about what goes wrong, and one about what to do."""

    text: str
    remedy: str


def cautions(plan: Plan, today: date) -> Iterator[Caution]:
    """The cautions, the worst first."""
    yield from _of_the_sample(plan)
    yield from _of_the_payload(plan)
    yield from _of_the_time(plan)
    yield from _of_the_quota(plan)
    yield from _of_the_caller(plan)
    yield from _of_the_prices(plan, today)


def _of_the_sample(plan: Plan) -> Iterator[Caution]:
    work, has_judge = plan.sampled.work, plan.definition.judge is not None
    scored_by = plan.sampled.scored_by
    if scored_by and scored_by != plan.definition.name:
        yield Caution(
            f"{plan.sampled.source} was scored by {scored_by}, so its calls say little about "
            f"{plan.definition.name}.",
            f"Score the rollouts with `rewardctl score --definition {plan.request.definition}` first.",
        )
    elif scored_by and has_judge and plan.sampled.measured is None:
        yield Caution(
            f"{plan.sampled.source} holds no calls of a language model: latency and tokens are assumed.",
            "Score a few rollouts with `rewardctl score --judge bedrock`, and plan with that run.",
        )
    if work.assumed_answers:
        yield Caution(
            f"{work.assumed_answers} of {work.rollouts} rows of the sample have no response: their gates and "
            "lengths are not known.",
            "Score some answers of the base model with `rewardctl score`, and plan with --run.",
        )
    if has_judge and not work.judged:
        worst = max(work.gates, key=lambda gate: work.gates[gate], default="")
        why = f"most end at the gate {worst!r}" if worst else "none can be read or judged"
        yield Caution(
            f"No rollout of the sample reaches the judge: {why}.",
            "A job would learn from the gate alone; look at some answers with `rewardctl run` first.",
        )
    if work.rejected:
        yield Caution(
            f"{work.rejected} of {work.rollouts} rows of the sample can't be read as a rollout.",
            "`rewardctl score` names each line with its reason.",
        )


def _of_the_payload(plan: Plan) -> Iterator[Caution]:
    shape, work = plan.request.shape, plan.sampled.work
    probe = Probe((), [dict(work.largest)] if isinstance(work.largest, dict) else [], plan.definition)
    if not probe.event:
        return
    for finding in check_payload(probe, Job(shape.concurrency, shape.rollouts_a_call)):
        if finding.state == "failed":
            yield Caution(f"An invocation may be too large: {finding.seen}.", finding.remedy)


def _of_the_time(plan: Plan) -> Iterator[Caution]:
    request, slowest_s = plan.request, plan.step.time.slowest_call_s
    settings = read_settings()
    limit_s = min(request.timeout_s, settings.deadline_s or request.timeout_s)
    if slowest_s > limit_s:
        yield Caution(
            f"The slowest invocation of a step takes about {slowest_s:.0f} s, more than its {limit_s:.0f} s.",
            "Lower lambda_batch_size, raise JudgeMaxWorkers if the quota allows it, or raise Timeout.",
        )
    elif slowest_s > SDK_READ_TIMEOUT_S:
        yield Caution(
            f"The slowest invocation of a step takes about {slowest_s:.0f} s, and a caller in an SDK reads "
            f"for {SDK_READ_TIMEOUT_S} s by default, then sends the batch again.",
            f"Lower lambda_batch_size, or set DeadlineSeconds to {SDK_READ_TIMEOUT_S - 1}.",
        )
    if plan.judges and plan.step.latency_s > settings.judge_timeout_s / 2:
        yield Caution(
            f"A judge call takes {plan.step.latency_s:.1f} s on average and times out after "
            f"{settings.judge_timeout_s:g} s.",
            "Raise JudgeTimeoutSeconds, or choose a faster judge.",
        )
    if plan.idle_share > SLOW_SHARE:
        yield Caution(
            f"The trainer waits for rewards in {plan.idle_share:.0%} of a step.",
            "Raise lambda_concurrency_limit and the judge's quota, or choose a faster judge.",
        )


def _of_the_quota(plan: Plan) -> Iterator[Caution]:
    request, shape = plan.request, plan.request.shape
    if not plan.quotas:
        return
    needed = plan.quotas[0]
    for kind, quota, need in (
        ("requests", request.requests_a_minute, needed.requests),
        ("tokens", request.tokens_a_minute, needed.tokens),
    ):
        if quota is not None and need > quota:
            fitting = max(1, int(shape.invocations_at_once * quota / need))
            yield Caution(
                f"{needed.model} needs {need:,} {kind} a minute, and its quota is {quota:,.0f}: calls are "
                "throttled and tried again, and each retry of a batch pays its calls again.",
                f"Lower lambda_concurrency_limit to {fitting}, or ask for {_rounded(need):,} {kind} a "
                "minute.",
            )


def _rounded(need: int) -> int:
    """The need with two significant digits, rounded up."""
    unit = int("1" + "0" * max(0, len(str(need)) - 2))
    return ceil(need / unit) * unit


def _of_the_caller(plan: Plan) -> Iterator[Caution]:
    shape, spec = plan.request.shape, plan.definition.judge
    alone = shape.rollouts_a_call == 1 and shape.generations > 1
    if alone and spec is not None and full_group(spec) > 1:
        yield Caution(
            f"mode = {spec.mode!r} compares the rollouts of a group, and {shape.caller} sends each alone.",
            "Use a mode that judges a rollout alone, or a caller that sends batches.",
        )
    if alone and plan.definition.on_error != next(iter(POLICIES)):
        yield Caution(
            f"on_error.policy = {plan.definition.on_error!r} needs the siblings of a rollout, and "
            f"{shape.caller} sends each by itself: a failure then gets the middle of the range.",
            "Count with the middle of the range for failures, or use a caller that sends batches.",
        )
    if not shape.uses_alias:
        yield Caution(
            f"{shape.caller} takes no alias, so it never reaches provisioned environments.",
            f"Reserve concurrency with LatestConcurrency={shape.invocations_at_once} or more instead.",
        )


def _of_the_prices(plan: Plan, today: date) -> Iterator[Caution]:
    dates = {"judges": checked_on(), "Lambda": str(table()["date"])}
    for what, day in dates.items():
        age = (today - date.fromisoformat(day)).days
        if age > STALE_DAYS and (what == "Lambda" or plan.judges):
            yield Caution(
                f"The prices of {what} were compared {age} days ago, on {day}.",
                "Compare with AWS's price pages; JUDGE_PRICES replaces those of judges.",
            )
    unpriced = sorted({m.model for judge in plan.judges for m in judge.models if not m.priced})
    for model in unpriced:
        yield Caution(
            f"{model} has no listed price, so it counts nothing.",
            f"Set JUDGE_PRICES={model}=INPUT/OUTPUT, in US dollars for a million tokens.",
        )
