"""The judges' health, read from the calls of one invocation: log lines, and counts that alarms watch."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from reward_fn.types.unscored import Reason
from reward_fn.types.usage import BreakerEvent, Call, Usage, failures_by_reason

LASTING = (Reason.DENIED, Reason.QUOTA_EXHAUSTED, Reason.INVALID_REQUEST)
"""Failures that no retry repairs. A fallback can hide them from the rollouts, so they have their own line."""


class Line(NamedTuple):
    """One line of the log; ``level`` is one of ``logging``'s."""

    level: int
    message: str
    fields: Mapping[str, Any]


def health_lines(usage: Usage) -> Iterator[Line]:
    """Yield a line for each circuit event, for each model and lasting reason, and for a total failure."""
    yield from _circuit_lines(usage.events)
    yield from _lasting_lines(usage.calls)
    if usage.calls and all(call.failure for call in usage.calls):
        yield _total_failure(usage.calls)


def health_counts(usage: Usage) -> Mapping[str, int]:
    """Return the metrics that alarms watch, by name."""
    failures = failures_by_reason(usage.calls)
    return {
        "JudgeDenied": failures.get(Reason.DENIED, 0),
        "JudgeQuotaExhausted": failures.get(Reason.QUOTA_EXHAUSTED, 0),
        "CircuitOpened": sum(event.opened for event in usage.events),
    }


def _circuit_lines(events: Sequence[BreakerEvent]) -> Iterator[Line]:
    for event in events:
        change = f"opened ({event.cause})" if event.opened else f"closed (it had opened for {event.cause})"
        fields = {"model": event.model, "cause": event.cause}
        yield Line(logging.WARNING, f"judge {event.model}: circuit {change}", fields)


def _lasting_lines(calls: Sequence[Call]) -> Iterator[Line]:
    """Yield one line for each model and lasting reason, with the number of calls and the first cause."""
    failed: dict[tuple[str, Reason], list[Call]] = {}
    for call in calls:
        if call.failure in LASTING:
            failed.setdefault((call.model_id, call.failure), []).append(call)
    for (model, reason), alike in failed.items():
        fields = {"model": model, "reason": reason.value, "cause": alike[0].cause, "calls": len(alike)}
        message = f"judge {model}: {_calls(len(alike))} failed, {_reason_and_cause(alike[0])}"
        yield Line(logging.WARNING, message, fields)


def _total_failure(calls: Sequence[Call]) -> Line:
    first = calls[0]
    failures = {reason.value: count for reason, count in failures_by_reason(calls).items()}
    fields = {"model": first.model_id, "cause": first.cause, "calls": len(calls), "failures": failures}
    return Line(logging.ERROR, f"all {_calls(len(calls))} failed; first {_reason_and_cause(first)}", fields)


def _calls(count: int) -> str:
    return f"{count} judge call{'s' * (count != 1)}"


def _reason_and_cause(call: Call) -> str:
    """Return the reason and, if it is known, the cause with its remedy."""
    return f"{call.failure}: {call.cause}" if call.cause else str(call.failure)
