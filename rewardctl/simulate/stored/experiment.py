"""All scenarios over several seeds, with intervals and cautions."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, stdev
from typing import Any

from rewardctl.simulate.stored.answers import Answers
from rewardctl.simulate.stored.grpo import Curve, Plan, learn
from rewardctl.simulate.stored.read import Source
from rewardctl.simulate.stored.scenarios import PERFECT, Scenario, scenarios

SATURATED = 0.05
"""A start this near to 0, 1 or the ceiling leaves a policy little to learn."""
REACHED = 0.01


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over seeds with its 95 % interval; ``low`` and ``high`` are None if all seeds agree exactly."""

    mean: float
    low: float | None
    high: float | None

    @classmethod
    def of(cls, values: Sequence[float]) -> "Interval":
        """Student's interval of the mean of shares. It covers chance in training, not the choice of prompts.

        Values that agree to within rounding have none: an interval without width would claim too much.
        """
        from scipy.stats import t

        mean = fmean(values)
        deviation = stdev(values) if len(values) > 1 else 0.0
        if deviation < EXACT:
            return cls(mean, None, None)
        half = float(t.ppf(0.975, len(values) - 1)) * deviation / len(values) ** 0.5
        return cls(mean, max(0.0, mean - half), min(1.0, mean + half))


EXACT = 1e-9
PROVOKED: Any = {"steps": 10, "rate": 0.5, "habit": 20.0}
"""The plan of failures that the policy sets off: early in training, each prompt seen ten times, since a table
that sees a prompt often enough learns it whatever its habits."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A scenario's outcome. ``truth`` and ``reward`` are means a step, over the seeds; ``end`` is the truth
    after the last step, ``failed`` the share of failed draws in the last step."""

    topic: str
    name: str
    note: str
    prompts: int
    start: float
    ceiling: float
    end: Interval
    reward_end: float
    failed: Interval
    truth: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    reward: Sequence[float]
    caution: str = ""


Progress = Callable[[str], None]


def run_all(source: Source, plan: Plan, seeds: int, progress: Progress = lambda _: None) -> list[Finding]:
    """Learn every scenario with seeds 0 to ``seeds`` - 1."""
    return [replace(f, caution=caution_of(f)) for f in _all(source, plan, seeds, progress)]


def _all(source: Source, plan: Plan, seeds: int, progress: Progress) -> Iterator[Finding]:
    for scenario in scenarios(source):
        progress(f"{scenario.topic}: {scenario.name}")
        fitted = replace(plan, **PROVOKED) if scenario.provoked else plan
        curves = [learn(scenario.answers, scenario.signal, fitted, seed) for seed in range(seeds)]
        yield _finding(scenario, curves)


def _finding(scenario: Scenario, curves: Sequence[Curve]) -> Finding:
    steps = [Interval.of(values) for values in zip(*(curve.truth for curve in curves), strict=True)]
    answers: Answers = scenario.answers
    return Finding(
        topic=scenario.topic,
        name=scenario.name,
        note=scenario.note,
        prompts=len(answers.truth),
        start=answers.start,
        ceiling=answers.ceiling,
        end=steps[-1],
        reward_end=fmean(curve.reward[-1] for curve in curves),
        failed=Interval.of([curve.failed[-1] for curve in curves]),
        truth=[step.mean for step in steps],
        low=[step.mean if step.low is None else step.low for step in steps],
        high=[step.mean if step.high is None else step.high for step in steps],
        reward=[fmean(values) for values in zip(*(curve.reward for curve in curves), strict=True)],
    )


def caution_of(finding: Finding) -> str:
    """Why a scenario may show nothing; "" if it can."""
    if finding.ceiling - finding.start < SATURATED:
        return f"the start is within {SATURATED} of the ceiling: there is next to nothing to learn"
    if finding.start < SATURATED:
        return "the policy starts near 0: most groups have no right answer, and no advantage"
    if finding.start > 1 - SATURATED:
        return "the policy starts near 1: most groups have no wrong answer, and no advantage"
    if finding.name != PERFECT and finding.ceiling - finding.end.mean < REACHED:
        return "within 0.01 of the ceiling: the end no longer tells these apart; look at the curve"
    return ""


def cautions(source: Source, findings: Sequence[Finding]) -> list[str]:
    """What a reader of all scenarios must know."""
    answers = source.answers
    share = answers.right_share()
    spread = ((share > 0) & (share < 1)).mean()
    notes = []
    if not source.has_truth:
        notes.append("Without --truth the run's own rewards count as true: errors of the judge can't show.")
    if spread < MIXED_SHARE:
        notes.append(f"Only {spread:.0%} of the prompts have right and wrong answers; no other teaches.")
    if len(answers.truth) < FEW_PROMPTS:
        notes.append(
            f"Only {len(answers.truth)} prompts: intervals cover chance in training, not in prompts."
        )
    if answers.left_out:
        notes.append(f"{answers.left_out:,} prompts with a single answer are left out: no advantage.")
    if all(finding.caution for finding in findings):
        notes.append("Everything is saturated: choose prompts of medium difficulty, or another checkpoint.")
    return notes


MIXED_SHARE = 0.2
FEW_PROMPTS = 30
