"""Results onto the wire, in the form that the caller reads, and the last look before they go out."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from reward_fn.errors import ResultError
from reward_fn.types.definition import Definition
from reward_fn.types.result import Result
from reward_fn.types.rollout import Rejected, Rollout
from reward_fn.types.unscored import Reason, Unscored


def sound(result: Result, definition: Definition) -> Result:
    """The result as it is, unless its reward or a metric is not finite, or the reward is out of range.

    Such a one is a fault of this package or of a check, and must not cost the other rows of its batch: its
    reward becomes the middle of the range, ``imputed``, for the reason ``internal_error``.
    """
    if not (wrong := _unsound(result, definition)):
        return result
    finite = [metric for metric in result.metrics if math.isfinite(metric.value)]
    return replace(
        result,
        reward=definition.neutral,
        metrics=tuple(m._replace(value=1.0) if m.name == "imputed" else m for m in finite),
        reasons=(*result.reasons, Unscored(Reason.INTERNAL_ERROR, wrong)),
        imputed=True,
    )


def to_wire(
    results: Sequence[Result], entries: Sequence[Rollout | Rejected], definition: Definition
) -> list[dict[str, Any]]:
    """The bare list: ``{"id", "aggregate_reward_score", "metrics_list"}`` for each row, in order.

    Raises ResultError where a result is lost, out of order, or not ``sound``: better a loud error, which the
    trainer retries, than a reward that trains on nonsense.
    """
    if [(r.index, r.id) for r in results] != [(e.index, e.id) for e in entries]:
        raise ResultError(f"{len(results)} results do not match {len(entries)} rows one to one")
    return [_row(result, definition) for result in results]


def _row(result: Result, definition: Definition) -> dict[str, Any]:
    if wrong := _unsound(result, definition):
        raise ResultError(f"row {result.index}: {wrong}")
    return {
        "id": result.id,
        "aggregate_reward_score": result.reward,
        "metrics_list": [{"name": m.name, "value": m.value, "type": m.type} for m in result.metrics],
    }


def _unsound(result: Result, definition: Definition) -> str:
    """Why a result must not be sent, "" where it may."""
    if not definition.low <= result.reward <= definition.high:  # nor is NaN
        return f"reward {result.reward} is not in the definition's range"
    if bad := [metric.name for metric in result.metrics if not math.isfinite(metric.value)]:
        return f"metrics {bad} are not finite"
    return ""


def _http(body: Any) -> dict[str, Any]:
    """The answer of an HTTP service, as Lambda behind an API gives it."""
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": body}


def _encoded(results: list[dict[str, Any]]) -> str:
    """Strict JSON in ASCII, so that nothing between here and the caller can spoil it."""
    try:
        return json.dumps(results, allow_nan=False)
    except ValueError as error:
        raise ResultError("the results can't be written as JSON") from error


ENVELOPES: Mapping[str, Callable[[list[dict[str, Any]]], Any]] = {
    "list": lambda results: results,
    "http": lambda results: _http(_encoded(results)),
    "http_list": _http,
}
"""What each value of RESPONSE_ENVELOPE makes of the bare list; ``docs/settings.md`` says who reads which."""
