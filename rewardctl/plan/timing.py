"""The time of a step: a trainer's pool of invocations, each with its pool of judge calls, played through."""

import heapq
import math
import random
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from rewardctl.plan.callers import JobShape

STEPS_PLAYED = 5
"""Steps that are played, to average over the chance of latencies."""
PROCESSOR_MB = 1769
"""The memory at which Lambda gives a whole processor (Lambda developer guide)."""
WORK_S = 0.0025
"""Seconds of a whole processor for a judged rollout: benchmarks/RESULTS.md, "A batch by the function's
memory", 0.16 s beyond the judge for 64 rollouts at 1,769 MB."""

Latency = Callable[[], float]


class StepTime(NamedTuple):
    """Seconds that a step waits for its rewards, and its invocations: their mean, and the slowest of a step.

    ``calls_s`` are the seconds of all invocations of a step together, which Lambda bills.
    """

    step_s: float
    mean_call_s: float
    slowest_call_s: float
    calls_s: float


def lognormal(mean_s: float, spread: float, seed: int = 0) -> Latency:
    """Latencies with this mean; ``spread`` is the sigma of the logarithm, 0 makes all equal."""
    draw, centre = random.Random(seed), math.log(mean_s) - spread**2 / 2
    return lambda: draw.lognormvariate(centre, spread) if spread else mean_s


def drawn_from(latencies_s: Sequence[float], seed: int = 0) -> Latency:
    """Latencies drawn from measured ones."""
    draw = random.Random(seed)
    return lambda: draw.choice(latencies_s)


def makespan(durations_s: Iterable[float], workers: int) -> float:
    """Seconds until all are done, if each of ``workers`` takes the next one when it is free."""
    free = [0.0] * workers
    for duration_s in durations_s:
        heapq.heapreplace(free, free[0] + duration_s)
    return max(free)


def step_time(
    shape: JobShape,
    calls_a_rollout: float,
    latency: Latency,
    *,
    workers: int,
    memory_mb: int,
    overhead_s: float,
) -> StepTime:
    """Play some steps. ``workers`` is JUDGE_MAX_WORKERS; ``overhead_s`` adds to an invocation's work."""
    work_s = WORK_S / min(1.0, memory_mb / PROCESSOR_MB)
    steps = []
    for _ in range(STEPS_PLAYED):
        counts = _calls(shape, calls_a_rollout)
        calls_s = [overhead_s + makespan((latency() for _ in range(n)), workers) + n * work_s for n in counts]
        steps.append((makespan(calls_s, shape.concurrency), max(calls_s), sum(calls_s)))
    step_s, slowest_s, all_s = (sum(column) / STEPS_PLAYED for column in zip(*steps, strict=True))
    return StepTime(step_s, all_s / shape.invocations_a_step, slowest_s, all_s)


def _calls(shape: JobShape, calls_a_rollout: float) -> list[int]:
    """Judge calls of each invocation of a step: the mean is kept, and they are spread evenly."""
    counts, done, left = [], 0, shape.rollouts_a_step
    for _ in range(shape.invocations_a_step):
        rollouts = min(shape.rollouts_a_call, left)
        left -= rollouts
        due = round((shape.rollouts_a_step - left) * calls_a_rollout)
        counts.append(due - done)
        done = due
    return counts
