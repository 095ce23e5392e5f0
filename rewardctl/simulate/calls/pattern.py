"""How trainers call: rows an invocation, invocations at once, the batch of a step. Pure.

Both patterns are from AWS's documentation. Training jobs on instances send batches, with at most 12
invocations at once; HyperPod sends single rollouts, at most 100 at once. Both call a failed invocation again,
up to three times.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle, islice
from typing import Any, NamedTuple

RETRIES = 3
PREFLIGHT_ROWS = 3
"""Rows that a serverless job sends before it starts: rows of the data set, without a response."""


class Pattern(NamedTuple):
    """Rows an invocation, and invocations at once."""

    rows: int
    concurrency: int


PATTERNS: Mapping[str, Pattern] = {"instances": Pattern(64, 12), "hyperpod": Pattern(1, 100)}
"""The patterns by the trainer's name."""

Rows = Sequence[Mapping[str, Any]]


def events(rows: Rows, pattern: Pattern, batch: int, steps: int) -> Iterator[list[bytes]]:
    """The events of each step: ``batch`` rollouts, from the rows in order and from the start again."""
    endless = cycle(rows)
    for _ in range(steps):
        of_step = list(islice(endless, batch))
        parts = [of_step[start : start + pattern.rows] for start in range(0, batch, pattern.rows)]
        yield [json.dumps(part).encode("ascii") for part in parts]


def preflight(rows: Rows) -> bytes:
    """The event that a job sends first: rows without a response, and without an id."""
    return json.dumps([_without_response(row) for row in rows[:PREFLIGHT_ROWS]]).encode("ascii")


def _without_response(row: Mapping[str, Any]) -> dict[str, Any]:
    messages = row.get("messages")
    kept = list(messages[:-1]) if isinstance(messages, list) else messages
    return {**{key: value for key, value in row.items() if key != "id"}, "messages": kept}
