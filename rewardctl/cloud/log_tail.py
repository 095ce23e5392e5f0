"""The end of an invocation's log, which Lambda returns with the response, and the judge failure in it."""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

TAIL: Mapping[str, str] = {"LogType": "Tail"}
"""Argument of Invoke that requests the last 4 kB of the log (Lambda API reference, Invoke)."""


def log_tail(answer: Mapping[str, Any]) -> str:
    """The log text in a response of Invoke, "" if it has none."""
    return base64.b64decode(answer.get("LogResult", "")).decode("utf-8", "replace")


def judge_failure(tail: str) -> tuple[str, str]:
    """Return cause and remedy of the most important judge failure in the log, each "" if unknown.

    A line of level ERROR (every rollout failed) comes before WARNING, then come the reasons of rollouts.
    """
    lines = list(_json_lines(tail))
    by_level = [line for level in ("ERROR", "WARNING") for line in lines if line.get("level") == level]
    failure = next((line for line in by_level if isinstance(line.get("cause"), str) and line["cause"]), None)
    if failure is not None:
        return _split(failure["cause"])
    reasons = [reason for line in lines for reason in _texts(line.get("reasons"))]
    return _split(reasons[0]) if reasons else ("", "")


def _split(text: str) -> tuple[str, str]:
    cause, _, remedy = text.partition(";")
    return cause.strip(), remedy.strip()


def _texts(value: Any) -> Sequence[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else ()


def _json_lines(tail: str) -> Iterator[dict[str, Any]]:
    """The lines that the function wrote; the first line of a tail may be cut."""
    for line in tail.splitlines():
        if line.startswith("{"):
            try:
                value = json.loads(line)
            except ValueError:
                continue
            if isinstance(value, dict):
                yield value
