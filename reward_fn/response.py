"""Results as the caller reads them: rows on the wire, in their envelope, checked once more before they go."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from reward_fn.errors import ResultError
from reward_fn.score.sound import why_unsound
from reward_fn.types.definition import Definition
from reward_fn.types.result import AnswerForm, Envelope, Result, WireResults
from reward_fn.types.rollout import Rejected, Rollout


def to_wire(
    results: Sequence[Result], entries: Sequence[Rollout | Rejected], definition: Definition
) -> list[dict[str, Any]]:
    """The bare list: ``{"id", "aggregate_reward_score", "metrics_list"}`` for each row, in order.

    Raises ResultError if a result is lost, out of order, out of range or not finite: the trainer retries an
    error, but it would train on a wrong reward.
    """
    if [(r.index, r.id) for r in results] != [(e.index, e.id) for e in entries]:
        raise ResultError(f"{len(results)} results do not match {len(entries)} rows one to one")
    return [_row(result, definition) for result in results]


def _row(result: Result, definition: Definition) -> dict[str, Any]:
    if wrong := why_unsound(result, definition):
        raise ResultError(f"row {result.index}: {wrong}")
    return {
        "id": result.id,
        "aggregate_reward_score": result.reward,
        "metrics_list": [{"name": m.name, "value": m.value, "type": m.type} for m in result.metrics],
    }


def _http(body: Any) -> dict[str, Any]:
    """The answer that Lambda gives behind an HTTP API."""
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": body}


def _encoded(results: WireResults) -> str:
    """Strict JSON in ASCII, which no encoding on the way to the caller can change."""
    try:
        return json.dumps(results, allow_nan=False)
    except ValueError as error:
        raise ResultError("the results can't be written as JSON") from error


ENVELOPES: Mapping[Envelope, AnswerForm] = {
    "list": lambda results: results,
    "http": lambda results: _http(_encoded(results)),
    "http_list": _http,
}
"""How each value of RESPONSE_ENVELOPE wraps the bare list."""
