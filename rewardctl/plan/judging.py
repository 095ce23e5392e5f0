"""The judges of a plan: the sizes of their calls, the share of a prompt cache, and what they cost."""

from collections.abc import Iterator
from dataclasses import replace

from reward_fn.judge.vote.panel import models_of
from reward_fn.types.definition import Definition
from reward_fn.types.rubric import JudgeSpec
from rewardctl.judge_demand import calls_by_model
from rewardctl.plan.measured import Measured
from rewardctl.plan.money import JudgePlan, Share, judge_plan
from rewardctl.plan.request import PlanRequest
from rewardctl.plan.sizes import Sizes, sizes_of
from rewardctl.plan.work import Work

COMPARED = ("medium", "heavyweight")
"""The tiers that stand beside the chosen judge."""


def call_sizes(request: PlanRequest, spec: JudgeSpec | None, work: Work, measured: Measured | None) -> Sizes:
    """The sizes of a call to the first model, with what was measured or given in place of estimates."""
    if spec is None:
        return Sizes(0, 0.0, 0.0, 0.0, 0.0)
    sizes = sizes_of(work.questions, models_of(spec)[0], chars_per_token=request.chars_per_token)
    if measured is not None:
        sizes = replace(sizes, input=measured.input_tokens, usual=measured.output_tokens)
    if request.reply_tokens is not None:
        sizes = replace(sizes, usual=request.reply_tokens)
    return replace(sizes, most=max(sizes.most, sizes.usual))


def cached_share(request: PlanRequest, sizes: Sizes, measured: Measured | None) -> Share:
    """Shares of the input with a prompt cache and one call ahead of each group.

    Of a group's calls in one invocation the first writes the prefix and the others read it. Rollouts that
    come alone, all at once, read nothing.
    """
    prefix = min(1.0, sizes.prefix / sizes.input) if sizes.input else 0.0
    if request.cached_share is not None:
        return Share(request.cached_share, max(0.0, prefix - request.cached_share))
    if measured is not None and measured.cached_tokens:
        read = measured.cached_tokens / measured.input_tokens
        return Share(read, max(0.0, prefix - read))
    together = min(request.shape.generations, request.shape.rollouts_a_call)
    return Share(prefix * (together - 1) / together, prefix / together) if together > 1 else Share()


def attempts_a_question(measured: Measured | None) -> float:
    """Calls for each one that gives verdicts: 1 if nothing was measured."""
    return measured.calls / (measured.calls - measured.failed) if measured else 1.0


def calls_a_rollout(spec: JudgeSpec | None, work: Work, measured: Measured | None) -> float:
    """Calls of the voters for each rollout of the sample, retries included; no second opinions."""
    if spec is None:
        return 0.0
    votes = sum(demand.calls for demand in calls_by_model(spec) if demand.role == "voter")
    return votes * work.questions_a_rollout * attempts_a_question(measured)


def judge_plans(
    request: PlanRequest, definition: Definition, work: Work, sizes: Sizes, measured: Measured | None
) -> Iterator[JudgePlan]:
    """The chosen judge, then the tiers that it is compared with; nothing without a rubric."""
    spec = definition.judge
    if spec is None:
        return
    share = cached_share(request, sizes, measured)
    questions = request.shape.rollouts * work.questions_a_rollout * attempts_a_question(measured)
    yield judge_plan(request.judge, spec, questions, sizes, share)
    for tier in COMPARED:
        other = replace(spec, models=(tier,), panel=(), escalate="")
        if calls_by_model(other) != calls_by_model(spec):
            yield judge_plan(tier, other, questions, sizes, share)
