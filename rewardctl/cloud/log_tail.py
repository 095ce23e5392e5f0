"""The end of a call's log, which Lambda returns with its answer, and what it says of the judge."""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

TAIL: Mapping[str, str] = {"LogType": "Tail"}
"""The argument of Invoke that asks for it: at most 4 kB (Lambda API reference, Invoke)."""


def log_tail(answer: Mapping[str, Any]) -> str:
    """The text of the log in an answer of Invoke; "" where none came."""
    return base64.b64decode(answer.get("LogResult", "")).decode("utf-8", "replace")


def judge_failure(tail: str) -> tuple[str, str]:
    """(cause, remedy) of the first judge failure that the lines tell; "" for what they don't.

    The line of a total failure comes first, then that of a lasting one, then the rollouts' own reasons.
    """
    lines = list(_json_lines(tail))
    by_level = [line for level in ("ERROR", "WARNING") for line in lines if line.get("level") == level]
    told = next((line for line in by_level if isinstance(line.get("cause"), str) and line["cause"]), None)
    if told is not None:
        return _split(told["cause"])
    reasons = [reason for line in lines for reason in _texts(line.get("reasons"))]
    return _split(reasons[0]) if reasons else ("", "")


def _split(cause: str) -> tuple[str, str]:
    what, _, remedy = cause.partition(";")
    return what.strip(), remedy.strip()


def _texts(value: Any) -> Sequence[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else ()


def _json_lines(tail: str) -> Iterator[dict[str, Any]]:
    """The function's own lines; the first one of a tail may be cut."""
    for line in tail.splitlines():
        if line.startswith("{"):
            try:
                value = json.loads(line)
            except ValueError:
                continue
            if isinstance(value, dict):
                yield value
