"""Verify an answer more strictly than AWS's verifier, which accepts NaN, lost ids and extra results."""

import json
import math
from collections.abc import Sequence
from typing import Any

KEYS = {"id", "aggregate_reward_score", "metrics_list"}
METRIC_KEYS = {"name", "value", "type"}


def faults(rows: Sequence[Any], answer: Any, *, low: float = 0.0, high: float = 1.0) -> list[str]:
    """Return every fault in the answer to a batch, [] if there is none.

    ``rows`` are the rows of the batch. A row's id must come back unchanged; a row without an id, or with one
    that JSON can't express, gets ``missing-<index>``. Rewards are floats from ``low`` to ``high``.
    """
    if not isinstance(answer, list):
        return [f"the answer is {type(answer).__name__}, not a bare list"]
    problems = [] if len(answer) == len(rows) else [f"{len(answer)} results for {len(rows)} rows"]
    try:
        _as_json(answer)
    except (TypeError, ValueError, RecursionError) as error:
        problems.append(f"the answer is not JSON: {error}")
    for index, (row, result) in enumerate(zip(rows, answer, strict=False)):
        problems += [f"result {index}: {fault}" for fault in _result_faults(row, index, result, low, high)]
    return problems


def expected_id(row: Any, index: int) -> Any:
    """The id that the result of a row must have."""
    identity = row.get("id") if isinstance(row, dict) else None
    try:
        _as_json(identity)
    except (ValueError, RecursionError):
        identity = None
    return f"missing-{index}" if identity is None else identity


def _as_json(value: Any) -> bytes:
    """Encode as strict JSON in UTF-8. Raises ValueError for NaN, infinities and lone surrogates."""
    return json.dumps(value, allow_nan=False, ensure_ascii=False).encode("utf-8")


def _result_faults(row: Any, index: int, result: Any, low: float, high: float) -> list[str]:
    if not isinstance(result, dict) or result.keys() != KEYS:
        return [f"not an object with exactly {', '.join(sorted(KEYS))}"]
    problems = []
    expected = expected_id(row, index)
    if type(result["id"]) is not type(expected) or result["id"] != expected:
        problems.append(f"id {result['id']!r} instead of {expected!r}")
    reward = result["aggregate_reward_score"]
    if not _is_finite_float(reward):
        problems.append(f"reward {reward!r} is not a finite float")
    elif not low <= reward <= high:
        problems.append(f"reward {reward} is not from {low} to {high}")
    metrics = result["metrics_list"]
    if not isinstance(metrics, list):
        return [*problems, "metrics_list is not a list"]
    problems += [fault for metric in metrics for fault in _metric_faults(metric)]
    names = [metric.get("name") for metric in metrics if isinstance(metric, dict)]
    problems += [f"metric {name!r} comes twice" for name in names if names.count(name) > 1]
    return problems


def _metric_faults(metric: Any) -> list[str]:
    if not isinstance(metric, dict) or metric.keys() != METRIC_KEYS:
        return [f"a metric is not an object with exactly {', '.join(sorted(METRIC_KEYS))}"]
    problems = []
    if not isinstance(metric["name"], str) or not metric["name"]:
        problems.append(f"a metric's name is {metric['name']!r}")
    if not _is_finite_float(metric["value"]):
        problems.append(f"metric {metric['name']!r} is {metric['value']!r}, not a finite float")
    if metric["type"] not in ("Reward", "Metric"):
        problems.append(f"metric {metric['name']!r} is of type {metric['type']!r}")
    return problems


def _is_finite_float(value: Any) -> bool:
    return type(value) is float and math.isfinite(value)
