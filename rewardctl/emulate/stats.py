"""Counts of what happened at the stand-in, for tests and benchmarks."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

MAX_MODELS = 64


@dataclass(frozen=True, slots=True)
class Stats:
    """A snapshot of the counts.

    ``outcomes`` counts calls by how they ended: "served", the name of a fault, "rate_limited", "outage",
    "poisoned", "stale" (on a connection declared stale), "invalid" (a request that the service would refuse),
    "over_max_tokens" (an answer longer than the call allowed), "busy", or "abandoned" (the client left before
    the answer). ``distinct`` counts different contents, ignoring the random codes of fences. ``cpu_s`` is the
    server's processor time since its start, in seconds.
    """

    calls: int = 0
    in_flight: int = 0
    max_concurrent: int = 0
    distinct: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    cpu_s: float = 0.0
    outcomes: dict[str, int] = field(default_factory=dict)
    models: dict[str, int] = field(default_factory=dict)


class Counts:
    """The running counts behind :class:`Stats`. Not thread-safe: used from the server's event loop only."""

    def __init__(self) -> None:
        self.in_flight = 0
        self.reset()

    def reset(self) -> None:
        """Start from zero, except for the calls that are still in flight."""
        self.calls = self.in_flight
        self.max_concurrent = self.in_flight
        self.input_tokens = self.output_tokens = 0
        self.cache_read_tokens = self.cache_write_tokens = 0
        self.outcomes: Counter[str] = Counter()
        self.models: Counter[str] = Counter()

    @contextmanager
    def call(self, model_id: str) -> Iterator[None]:
        """Count one call, from its arrival to its end."""
        self.calls += 1
        self.in_flight += 1
        self.max_concurrent = max(self.max_concurrent, self.in_flight)
        if model_id in self.models or len(self.models) < MAX_MODELS:
            self.models[model_id] += 1
        try:
            yield
        finally:
            self.in_flight -= 1

    def end(
        self, outcome: str, input_tokens: int, output_tokens: int, cached_tokens: tuple[int, int] = (0, 0)
    ) -> None:
        """Count how a call ended and its tokens; ``cached_tokens`` are those read and those written."""
        self.outcomes[outcome] += 1
        self.input_tokens += input_tokens
        self.output_tokens += output_tokens
        self.cache_read_tokens += cached_tokens[0]
        self.cache_write_tokens += cached_tokens[1]

    def snapshot(self, distinct: int) -> dict[str, Any]:
        """As JSON values with the names of :class:`Stats`."""
        return {
            "calls": self.calls,
            "in_flight": self.in_flight,
            "max_concurrent": self.max_concurrent,
            "distinct": distinct,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "cache_read_tokens": self.cache_read_tokens,
            "cache_write_tokens": self.cache_write_tokens,
            "cpu_s": time.process_time(),
            "outcomes": dict(self.outcomes),
            "models": dict(self.models),
        }
