"""One attempt at a judge as it is reported: what it took, and how it failed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reward_fn.rubric import Reason


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
