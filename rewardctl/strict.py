"""A verifier of an answer, stricter than AWS's: that one lets NaN, lost ids and extra results pass."""

import json
import math
from collections.abc import Sequence
from typing import Any

KEYS = {"id", "aggregate_reward_score", "metrics_list"}
METRIC_KEYS = {"name", "value", "type"}


def faults(rows: Sequence[Any], answer: Any, *, low: float = 0.0, high: float = 1.0) -> list[str]:
    """Everything that is wrong with the answer to a batch, [] where nothing is.

    ``rows`` are those that went in. A row's id must come back unchanged; a row without one, or with one that
    JSON can't express, gets ``missing-<index>``. Rewards are floats from ``low`` to ``high``.
    """
    if not isinstance(answer, list):
        return [f"the answer is {type(answer).__name__}, not a bare list"]
    found = [] if len(answer) == len(rows) else [f"{len(answer)} results for {len(rows)} rows"]
    try:
        _as_json(answer)
    except (TypeError, ValueError, RecursionError) as error:
        found.append(f"the answer is not JSON: {error}")
    for index, (row, result) in enumerate(zip(rows, answer, strict=False)):
        found += [f"result {index}: {fault}" for fault in _result_faults(row, index, result, low, high)]
    return found


def expected_id(row: Any, index: int) -> Any:
    """The id that the result of a row must have."""
    identity = row.get("id") if isinstance(row, dict) else None
    try:
        _as_json(identity)
    except (ValueError, RecursionError):
        identity = None
    return f"missing-{index}" if identity is None else identity


def _as_json(value: Any) -> bytes:
    """Strict JSON in UTF-8, as it goes over the wire. ValueError for NaN, infinities and lone surrogates."""
    return json.dumps(value, allow_nan=False, ensure_ascii=False).encode("utf-8")


def _result_faults(row: Any, index: int, result: Any, low: float, high: float) -> list[str]:
    if not isinstance(result, dict) or result.keys() != KEYS:
        return [f"not an object with exactly {', '.join(sorted(KEYS))}"]
    found = []
    wanted = expected_id(row, index)
    if type(result["id"]) is not type(wanted) or result["id"] != wanted:
        found.append(f"id {result['id']!r} instead of {wanted!r}")
    reward = result["aggregate_reward_score"]
    if not _is_finite_float(reward):
        found.append(f"reward {reward!r} is no finite float")
    elif not low <= reward <= high:
        found.append(f"reward {reward} is not from {low} to {high}")
    metrics = result["metrics_list"]
    if not isinstance(metrics, list):
        return [*found, "metrics_list is no list"]
    found += [fault for metric in metrics for fault in _metric_faults(metric)]
    names = [metric.get("name") for metric in metrics if isinstance(metric, dict)]
    found += [f"metric {name!r} comes twice" for name in names if names.count(name) > 1]
    return found


def _metric_faults(metric: Any) -> list[str]:
    if not isinstance(metric, dict) or metric.keys() != METRIC_KEYS:
        return [f"a metric is not an object with exactly {', '.join(sorted(METRIC_KEYS))}"]
    found = []
    if not isinstance(metric["name"], str) or not metric["name"]:
        found.append(f"a metric's name is {metric['name']!r}")
    if not _is_finite_float(metric["value"]):
        found.append(f"metric {metric['name']!r} is {metric['value']!r}, no finite float")
    if metric["type"] not in ("Reward", "Metric"):
        found.append(f"metric {metric['name']!r} is of type {metric['type']!r}")
    return found


def _is_finite_float(value: Any) -> bool:
    return type(value) is float and math.isfinite(value)
