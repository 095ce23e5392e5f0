"""The plan of a job, put together from a sample of its rollouts."""

from collections.abc import Sequence
from dataclasses import dataclass

from reward_fn.types.definition import Definition
from rewardctl.judges.choice import JudgeChoice
from rewardctl.plan.judging import call_sizes, calls_a_rollout, judge_plans
from rewardctl.plan.money import JudgePlan, Quota
from rewardctl.plan.request import PlanError, PlanRequest
from rewardctl.plan.sample import Sampled, read_sample
from rewardctl.plan.sizes import Sizes
from rewardctl.plan.step import FunctionCost, Step, function_cost, quotas, step_of


@dataclass(frozen=True, slots=True)
class Plan:
    """What a job needs. ``judges`` begins with the chosen one, whose models have the ``quotas``; both are
    empty for a definition without a rubric."""

    request: PlanRequest
    definition: Definition
    sampled: Sampled
    sizes: Sizes
    judges: Sequence[JudgePlan]
    quotas: Sequence[Quota]
    step: Step
    function: FunctionCost

    @property
    def idle_share(self) -> float:
        """The share of a step, in [0, 1], in which the trainer waits for rewards."""
        return self.step.step_s / (self.step.step_s + self.request.other_step_s)


def make_plan(request: PlanRequest) -> Plan:
    """Plan a job.

    Raises PlanError, DataError, RecordsError, DefinitionError, SettingsError and JudgeChoiceError.
    """
    choice = JudgeChoice(request.judge)
    if choice.is_free:
        raise PlanError(f"the judge {request.judge} costs nothing; name bedrock, a tier or a model")
    definition = choice.definition(request.definition)
    sampled = read_sample(request, definition)
    work, measured = sampled.work, sampled.measured
    if not work.rollouts:
        raise PlanError(_without_rollouts(sampled))
    sizes = call_sizes(request, definition.judge, work, measured)
    judges = tuple(judge_plans(request, definition, work, sizes, measured))
    step = step_of(request, calls_a_rollout(definition.judge, work, measured), sizes, measured)
    needed = tuple(quotas(request, definition.judge, judges, sizes, step))
    return Plan(request, definition, sampled, sizes, judges, needed, step, function_cost(request, step))


def _without_rollouts(sampled: Sampled) -> str:
    problem = next(iter(sampled.problems), None)
    why = f"; line {problem.line}: {problem.detail}" if problem else ""
    return f"{sampled.source} holds no rollout{why}; name a file of rollouts or a data set with --data"
