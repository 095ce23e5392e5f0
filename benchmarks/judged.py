"""Run the reward function on a batch and check its results after the timing."""

from collections.abc import Sequence
from typing import Any

from benchmarks.material import Row
from benchmarks.results import BenchmarkError
from reward_fn.handler import lambda_handler
from rewardctl.emulate import Emulator


def invoke(batch: Sequence[Row]) -> list[dict[str, Any]]:
    """Run one whole invocation."""
    results: list[dict[str, Any]] = lambda_handler(list(batch), {})
    return results


def check_all_judged(batch: Sequence[Row]) -> None:
    """Run an invocation. Raises BenchmarkError if a rollout has no verdicts."""
    for row, result in zip(batch, invoke(batch), strict=True):
        metrics = {metric["name"]: metric["value"] for metric in result["metrics_list"]}
        if result["id"] != row["id"] or metrics.get("judge_coverage") != 1:
            raise BenchmarkError(f"{row['id']} was not judged: {metrics}")


def check_all_served(emulator: Emulator, distinct: int) -> int:
    """Return the largest number of simultaneous calls.

    Raises BenchmarkError if a call was not answered properly, or the questions were not all different.
    """
    stats = emulator.stats()
    if set(stats.outcomes) != {"served"} or stats.distinct != distinct:
        raise BenchmarkError(f"the stand-in served {stats.outcomes}, {stats.distinct} different questions")
    return stats.max_concurrent
