"""The judge calls of a batch: their number, tokens, time and cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from reward_fn.types.unscored import Reason


class BreakerEvent(NamedTuple):
    """The circuit of ``model`` opened or closed; ``cause`` is the failure that opened it."""

    model: str
    opened: bool
    cause: str


class Recalled(NamedTuple):
    """Look-ups in the verdict cache: verdicts found, not found, and failures of the table."""

    hits: int = 0
    misses: int = 0
    errors: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """One attempt at one model.

    ``failure`` and ``cause`` are set if it gave no verdicts; ``cause`` is for people and quotes nothing of
    the rollout. ``key`` is the question's key.
    """

    model_id: str
    latency_s: float
    input_tokens: int = 0
    output_tokens: int = 0
    failure: Reason | None = None
    key: str = ""
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    cause: str = ""


def failures_by_reason(calls: Sequence[Call]) -> Mapping[Reason, int]:
    """The number of failed attempts, by reason."""
    counts: dict[Reason, int] = {}
    for call in calls:
        if call.failure:
            counts[call.failure] = counts.get(call.failure, 0) + 1
    return counts


@dataclass(frozen=True, slots=True)
class Usage:
    """The judge calls of one batch.

    ``retries`` counts repeated attempts, ``shared`` the inquiries that needed no call of their own,
    ``abandoned`` the calls that were still running at the deadline. ``cost_usd`` is an estimate. ``keys``
    maps a rollout's index to the keys of all questions about it. ``recalled`` is None if there is no verdict
    cache. ``events`` are the circuits that opened or closed during the batch.
    """

    calls: tuple[Call, ...] = ()
    retries: int = 0
    shared: int = 0
    abandoned: int = 0
    cost_usd: float = 0.0
    keys: Mapping[int, tuple[str, ...]] = field(default_factory=dict, compare=False)
    recalled: Recalled | None = None
    events: tuple[BreakerEvent, ...] = ()
