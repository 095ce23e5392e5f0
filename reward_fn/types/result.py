"""The answer to one row of a batch."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from reward_fn.types.unscored import Unscored


class Metric(NamedTuple):
    """One entry of ``metrics_list``: ``type`` "Reward" trains, "Metric" is only reported."""

    name: str
    value: float
    type: Literal["Reward", "Metric"] = "Metric"


@dataclass(frozen=True, slots=True)
class Result:
    """The answer to one row of the batch. ``reasons`` (what is unscored and why) and ``details`` (what each
    check found wrong) go to logs and telemetry, not to the caller; neither quotes a prompt or a response."""

    index: int
    id: Any
    reward: float
    metrics: tuple[Metric, ...]
    group: str | None = None
    gate: str = ""
    reasons: tuple[Unscored, ...] = ()
    details: Mapping[str, str] = field(default_factory=dict)
    imputed: bool = False
    unsupported: int = 0
