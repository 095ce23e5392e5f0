"""A step of a job: its time, the quota that it needs, and the money for the function."""

from collections.abc import Iterator, Sequence
from math import ceil
from typing import NamedTuple

from reward_fn.types.rubric import JudgeSpec
from rewardctl.cloud.doctor.limits import Job
from rewardctl.cloud.prices import price_of
from rewardctl.judge_demand import calls_by_model
from rewardctl.plan.measured import Measured
from rewardctl.plan.money import JudgePlan, Quota, quota_of
from rewardctl.plan.request import PlanRequest
from rewardctl.plan.sizes import Sizes
from rewardctl.plan.timing import Latency, StepTime, drawn_from, lognormal, step_time


class Step(NamedTuple):
    """``step_s`` are the seconds that a step waits for its rewards, ``limited_by`` the quota that makes them
    more than the calls take by themselves, "" for none. ``latency_s`` is the mean of a judge call."""

    time: StepTime
    step_s: float
    limited_by: str
    latency_s: float


def step_of(request: PlanRequest, calls_a_rollout: float, sizes: Sizes, measured: Measured | None) -> Step:
    """The time of a step whose rollouts need so many judge calls each."""
    latency, latency_s = _latency(request, measured)
    time = step_time(
        request.shape, calls_a_rollout, latency,
        workers=request.workers, memory_mb=request.memory_mb, overhead_s=request.overhead_s,
    )  # fmt: skip
    calls = calls_a_rollout * request.shape.rollouts_a_step
    limits = {
        "requests": _seconds(calls, request.requests_a_minute, request.other_step_s),
        "tokens": _seconds(calls * (sizes.input + sizes.most), request.tokens_a_minute, request.other_step_s),
    }
    tightest = max(limits, key=lambda name: limits[name])
    if limits[tightest] > time.step_s:
        return Step(time, limits[tightest], tightest, latency_s)
    return Step(time, time.step_s, "", latency_s)


def _seconds(amount: float, a_minute: float | None, other_step_s: float) -> float:
    """The least seconds for an amount that a quota allows ``a_minute`` of.

    A quota refills evenly, up to a minute's worth, as the stand-in's does; AWS documents no rule. It refills
    in the rest of a step too.
    """
    if not a_minute:
        return 0.0
    burst_s = (amount - a_minute) * 60 / a_minute
    return max(burst_s, amount * 60 / a_minute - other_step_s, 0.0)


def _latency(request: PlanRequest, measured: Measured | None) -> tuple[Latency, float]:
    """How latencies are drawn, and their mean in seconds."""
    if request.latency_s is not None:
        return lognormal(request.latency_s, request.latency_spread), request.latency_s
    if measured is not None and measured.latency_s > 0:
        return drawn_from(measured.latencies_s), measured.latency_s
    return lognormal(request.default_latency_s, request.latency_spread), request.default_latency_s


def quotas(
    request: PlanRequest, spec: JudgeSpec | None, judges: Sequence[JudgePlan], sizes: Sizes, step: Step
) -> Iterator[Quota]:
    """The quota of each model that the first judge calls, if every call that ends is followed by the next."""
    if spec is None:
        return
    shape = request.shape
    job = Job(shape.invocations_at_once, shape.rollouts_a_call)
    steps_a_minute = ceil(60 / (step.step_s + request.other_step_s))
    for demand, model in zip(calls_by_model(spec), judges[0].models, strict=True):
        in_flight = job.calls_in_flight(demand, spec, request.workers)
        a_minute = model.calls / shape.steps * steps_a_minute
        yield quota_of(demand.model, in_flight, a_minute, step.latency_s, sizes)


class FunctionCost(NamedTuple):
    """US dollars for the whole job: of all invocations on demand, and of provisioned environments, one for
    each invocation at once. ``hours`` is the length of the job, ``region`` the one whose prices count."""

    hours: float
    region: str
    invocations_usd: float
    provisioned_usd: float


def function_cost(request: PlanRequest, step: Step) -> FunctionCost:
    """What Lambda costs. The price of provisioned environments counts while the job runs."""
    shape, price = request.shape, price_of(request.region, request.architecture)
    hours = shape.steps * (step.step_s + request.other_step_s) / 3600
    an_hour = price.provisioned_usd_an_hour(shape.invocations_at_once, request.memory_mb)
    on_demand = price.invocations_usd(shape.steps, step.time.calls_s, request.memory_mb)
    return FunctionCost(hours, price.region, on_demand, hours * an_hour)
