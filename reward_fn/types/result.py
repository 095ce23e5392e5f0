"""The answer to one row of a batch, and the forms in which a caller reads the answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, get_args

from reward_fn.types.unscored import Unscored

WireResults = Sequence[Mapping[str, Any]]
"""The bare list of results: ``{"id", "aggregate_reward_score", "metrics_list"}`` for each row, in order."""

AnswerForm = Callable[[WireResults], Any]
"""Turns the bare list of results into the form that one kind of caller reads."""

Envelope = Literal["list", "http", "http_list"]
ENVELOPE_NAMES: tuple[Envelope, ...] = get_args(Envelope)
"""The values of RESPONSE_ENVELOPE; ``docs/settings.md`` says which caller reads which."""


class Metric(NamedTuple):
    """One entry of ``metrics_list``: ``type`` "Reward" trains, "Metric" is only reported."""

    name: str
    value: float
    type: Literal["Reward", "Metric"] = "Metric"


@dataclass(frozen=True, slots=True)
class Result:
    """The answer to one row of the batch.

    ``reasons`` (what is unscored, and why) and ``details`` (what each check found wrong) go to logs and
    telemetry, not to the caller; neither quotes a prompt or a response. ``gate`` is the name of the gate that
    failed, "" if none did. ``imputed`` marks a reward that is not the rollout's own. ``unsupported`` counts
    the quotes that stand in no document.
    """

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
