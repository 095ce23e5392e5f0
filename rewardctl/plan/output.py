"""A plan as JSON values."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rewardctl.plan.assumptions import Assumption
from rewardctl.plan.cautions import Caution
from rewardctl.plan.money import WAYS, JudgePlan
from rewardctl.plan.plan import Plan


def to_json(plan: Plan, assumed: Sequence[Assumption], cautions: Sequence[Caution]) -> dict[str, Any]:
    """Everything that the tables show; ranges are lists of two figures, the lower one first."""
    work, step, shape = plan.sampled.work, plan.step, plan.request.shape
    return {
        "definition": plan.definition.name,
        "definition_version": plan.definition.version,
        "source": plan.sampled.source,
        "job": {**asdict(shape), "rollouts_a_step": shape.rollouts_a_step, "rollouts": shape.rollouts},
        "sample": {
            "rows": plan.sampled.rows,
            "rollouts": work.rollouts,
            "judged": work.judged,
            "rejected": work.rejected,
            "gates": dict(work.gates),
            "assumed_answers": work.assumed_answers,
            "questions": len(work.questions),
        },
        "judges": [_judge(judge) for judge in plan.judges],
        "quotas": [quota._asdict() for quota in plan.quotas],
        "step": {
            "step_s": step.step_s,
            "idle_share": plan.idle_share,
            "limited_by": step.limited_by,
            "mean_invocation_s": step.time.mean_call_s,
            "slowest_invocation_s": step.time.slowest_call_s,
        },
        "function": plan.function._asdict(),
        "assumptions": [assumption._asdict() for assumption in assumed],
        "warnings": [caution._asdict() for caution in cautions],
    }


def _judge(judge: JudgePlan) -> dict[str, Any]:
    return {
        "name": judge.name,
        "models": [{**asdict(model), "usd": dict(model.usd)} for model in judge.models],
        "calls": judge.calls,
        "input_tokens": judge.input_tokens,
        "output_tokens": judge.output_tokens,
        "usd": {way: judge.usd(way) for way in WAYS},
    }
