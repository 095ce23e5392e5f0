"""Figures of a simulated job's calls. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, quantiles
from typing import Any

from rewardctl.simulate.calls.drive import Call, Step


@dataclass(frozen=True, slots=True)
class Figures:
    """What the trainer saw. ``unscored`` is a share of rollouts, ``flat_groups`` of groups without variance.

    ``idle_share`` is the share of the job's time that the trainer waits for rewards.
    """

    steps: int
    rollouts: int
    invocations: int
    retries: int
    failed: int
    reward: float
    unscored: float
    flat_groups: float | None
    step_s: float
    longest_step_s: float
    call_p50_s: float
    call_p95_s: float
    call_max_s: float
    idle_share: float


def figures_of(steps: Sequence[Step], groups: Sequence[Sequence[str]], train_s: float) -> Figures:
    """The figures of all steps.

    ``groups`` names the group of each rollout of each step, in order; ``train_s`` are the seconds that a step
    takes without its rewards.
    """
    calls = [call for step in steps for call in step.calls]
    results = [result for call in calls for result in call.results or ()]
    walls = sorted(call.wall_s for call in calls)
    step_s = fmean(step.wall_s for step in steps)
    return Figures(
        steps=len(steps),
        rollouts=sum(map(len, groups)),
        invocations=len(calls),
        retries=sum(call.attempts - 1 for call in calls),
        failed=sum(call.results is None for call in calls),
        reward=fmean([float(result["aggregate_reward_score"]) for result in results] or [0.0]),
        unscored=fmean([_is_imputed(result) for result in results] or [0.0]),
        flat_groups=_flat_share(steps, groups),
        step_s=step_s,
        longest_step_s=max(step.wall_s for step in steps),
        call_p50_s=_quantile(walls, 50),
        call_p95_s=_quantile(walls, 95),
        call_max_s=walls[-1],
        idle_share=step_s / (step_s + train_s),
    )


def _is_imputed(result: Mapping[str, Any]) -> float:
    metrics = {metric["name"]: metric["value"] for metric in result["metrics_list"]}
    return float(bool(metrics.get("imputed")))


def _flat_share(steps: Sequence[Step], groups: Sequence[Sequence[str]]) -> float | None:
    """The share of a step's groups of two and more whose rewards are equal; None without such groups."""
    flat: list[bool] = []
    for step, names in zip(steps, groups, strict=True):
        rewards: dict[str, list[float]] = {}
        if any(call.results is None for call in step.calls):
            continue  # which rollouts are missing can't be told from the results
        for name, reward in zip(names, _rewards(step.calls), strict=True):
            rewards.setdefault(name, []).append(reward)
        flat += [len(set(values)) == 1 for values in rewards.values() if len(values) > 1]
    return fmean(flat) if flat else None


def _rewards(calls: Sequence[Call]) -> list[float]:
    return [float(result["aggregate_reward_score"]) for call in calls for result in call.results or ()]


def _quantile(ordered: Sequence[float], percent: int) -> float:
    if len(ordered) == 1:
        return ordered[0]
    return quantiles(ordered, n=100, method="inclusive")[percent - 1]
