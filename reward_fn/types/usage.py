"""What a batch asked of its judges."""

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
    """How often a batch found its verdicts, how often not, and how many times the table failed."""

    hits: int = 0
    misses: int = 0
    errors: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """One attempt at one model, and what it took.

    ``failure`` and ``cause`` (for people, without a word of the rollout) are set where it gave no verdicts.
    ``key`` is its question's.
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
    """How many attempts failed, by reason."""
    counts: dict[Reason, int] = {}
    for call in calls:
        if call.failure:
            counts[call.failure] = counts.get(call.failure, 0) + 1
    return counts


@dataclass(frozen=True, slots=True)
class Usage:
    """What a batch used of its judges.

    ``retries`` counts further attempts, ``shared`` inquiries that needed no call of their own, ``abandoned``
    calls that were still running at the deadline. ``cost_usd`` is an estimate. ``keys`` are those of the
    questions about each rollout, by its index. ``recalled`` is None where no verdicts are kept. ``events``
    are the circuits that opened or closed meanwhile.
    """

    calls: tuple[Call, ...] = ()
    retries: int = 0
    shared: int = 0
    abandoned: int = 0
    cost_usd: float = 0.0
    keys: Mapping[int, tuple[str, ...]] = field(default_factory=dict, compare=False)
    recalled: Recalled | None = None
    events: tuple[BreakerEvent, ...] = ()
