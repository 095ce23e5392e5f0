"""Every figure of a plan that was not counted in its sample, with its origin and the option that sets it."""

from collections.abc import Iterator
from typing import NamedTuple

from rewardctl.plan.callers import CALLERS
from rewardctl.plan.judging import attempts_a_question, cached_share
from rewardctl.plan.plan import Plan
from rewardctl.plan.timing import PROCESSOR_MB, WORK_S


class Assumption(NamedTuple):
    """A figure as text, where it is from, and the option that sets it, "" if none does."""

    name: str
    value: str
    origin: str
    option: str


ASSUMED = "assumed"
GIVEN = "given"


def assumptions(plan: Plan) -> Iterator[Assumption]:
    """The assumptions, the recipe's numbers first."""
    request, shape = plan.request, plan.request.shape
    usual = CALLERS[shape.caller]
    for name, field in (
        ("prompts a step", "batch_size"),
        ("rollouts a prompt", "generations"),
        ("steps", "steps"),
        ("invocations at once", "concurrency"),
        ("rollouts an invocation", "rollouts_a_call"),
    ):
        value = getattr(shape, field)
        origin = shape.source if value == getattr(usual, field) else GIVEN
        yield Assumption(name, f"{value:,}", origin, f"--{field.replace('_', '-')}")
    yield from _of_the_judge(plan)
    yield Assumption("step beside the rewards", f"{request.other_step_s:g} s", ASSUMED, "--other-step-s")
    yield Assumption(
        "work a judged rollout", f"{1000 * WORK_S:g} ms at {PROCESSOR_MB:,} MB", "benchmarks/RESULTS.md", ""
    )
    yield Assumption("rest of an invocation", f"{request.overhead_s:g} s", ASSUMED, "--overhead-s")
    if plan.sampled.work.assumed_answers:
        yield Assumption(
            "length of an answer", f"{request.answer_tokens:,} tokens", ASSUMED, "--answer-tokens"
        )


def _of_the_judge(plan: Plan) -> Iterator[Assumption]:
    request, measured, sizes = plan.request, plan.sampled.measured, plan.sizes
    if not plan.judges:
        return
    run = f"measured in {request.run}"
    latency = GIVEN if request.latency_s is not None else run if measured else ASSUMED
    yield Assumption("latency of a judge call", f"{plan.step.latency_s:.2f} s", latency, "--latency")
    if request.latency_s is not None or not measured:
        yield Assumption("its spread (sigma)", f"{request.latency_spread:g}", ASSUMED, "--latency-spread")
    read = run if measured else f"the request, {request.chars_per_token:g} characters a token"
    yield Assumption("tokens read by a call", f"{sizes.input:,.0f}", read, "--chars-per-token")
    dry = "dry run with the stand-in"
    written = GIVEN if request.reply_tokens is not None else run if measured else dry
    yield Assumption("tokens of a reply", f"{sizes.usual:,.0f}", written, "--reply-tokens")
    yield Assumption("maxTokens of a call", f"{sizes.most:,.0f}", "the definition", "")
    share = cached_share(request, sizes, measured)
    shared = GIVEN if request.cached_share is not None else "prefix of a group in one invocation"
    if measured and measured.cached_tokens and request.cached_share is None:
        shared = run
    yield Assumption("input read from a cache", f"{share.read:.0%}", shared, "--cached-share")
    attempts = attempts_a_question(measured)
    yield Assumption("calls a question", f"{attempts:.2f}", run if measured else f"{ASSUMED}: no retries", "")
    yield Assumption("judge calls at once", f"{request.workers:,}", "JUDGE_MAX_WORKERS", "--workers")
