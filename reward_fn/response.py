"""Results onto the wire, in the form that CONTRACT's callers read, and the last look before they go out."""

import math
from collections.abc import Sequence
from typing import Any

from reward_fn.errors import ResultError
from reward_fn.types import Definition, Rejected, Result, Rollout


def to_wire(
    results: Sequence[Result], entries: Sequence[Rollout | Rejected], definition: Definition
) -> list[dict[str, Any]]:
    """The bare list: ``{"id", "aggregate_reward_score", "metrics_list"}`` for each row, in order.

    Raises ResultError where a result is lost, out of order, not finite or out of range: better a loud error,
    which the trainer retries, than a reward that trains on nonsense.
    """
    if [(r.index, r.id) for r in results] != [(e.index, e.id) for e in entries]:
        raise ResultError(f"{len(results)} results do not match {len(entries)} rows one to one")
    return [_row(result, definition) for result in results]


def _row(result: Result, definition: Definition) -> dict[str, Any]:
    if not (math.isfinite(result.reward) and definition.low <= result.reward <= definition.high):
        raise ResultError(f"row {result.index}: reward {result.reward} is not in the definition's range")
    if bad := [metric.name for metric in result.metrics if not math.isfinite(metric.value)]:
        raise ResultError(f"row {result.index}: metrics {bad} are not finite")
    return {
        "id": result.id,
        "aggregate_reward_score": result.reward,
        "metrics_list": [{"name": m.name, "value": m.value, "type": m.type} for m in result.metrics],
    }
