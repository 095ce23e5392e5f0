"""The words of this package as types; read this first.

A batch of *rollouts* comes in. *Checks* score each one in [0, 1]; those that the definition makes *gates*
end the paid work when they fail. The *judge* answers a *rubric* of *criteria* with *verdicts*, or leaves
them *unscored* for a typed *reason*. :mod:`reward_fn.aggregate` turns all of it into one *result* each.

Everything here is frozen. Shapes and ranges stand beside the fields.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, NamedTuple

from reward_fn.rubric import JudgeSpec, Reason, Unscored
from reward_fn.text.answer import Answer, find_answer, unfenced
from reward_fn.text.bounded_json import Parsed, parse_json
from reward_fn.text.digest import digest, strings_of


@dataclass(frozen=True, slots=True)
class Message:
    """One turn before the response: ``role`` as sent, ``text`` flattened from whatever shape it had."""

    role: str
    text: str


@dataclass(frozen=True)
class Rollout:
    """One completion with its prompt, id, reference and metadata.

    ``index`` is its place in the batch, from 0. ``id`` is echoed unchanged, whatever its type. ``messages``
    are those before the response, which is the text of the last assistant turn, "" where that is empty.
    """

    index: int
    id: Any
    messages: tuple[Message, ...]
    response: str
    reference_answer: Any = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    tool_calls: tuple[Mapping[str, Any], ...] = ()

    @cached_property
    def prompt(self) -> str:
        """The messages before the response as one text; the role is named where it is not the user's."""
        return "\n\n".join(m.text if m.role == "user" else f"[{m.role}]\n{m.text}" for m in self.messages)

    @cached_property
    def answer(self) -> Answer:
        """The answer in the response, found once."""
        return find_answer(self.response)

    @cached_property
    def parsed(self) -> Parsed:
        """The answer as JSON, parsed once within bounds, or why it is none."""
        return parse_json(unfenced(self.answer.text))

    @cached_property
    def group(self) -> str:
        """The same 16 hex digits for all rollouts of one prompt and reference."""
        texts = [text for message in self.messages for text in (message.role, message.text)]
        return digest(*texts, *strings_of(self.reference_answer))[:16]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that can't be scored: ``reason`` for machines, ``detail`` names the place and the remedy."""

    index: int
    id: Any
    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check found: ``score`` in [0, 1], 1 is best; ``detail`` says why, not quoting the rollout."""

    score: float
    detail: str = ""


Check = Callable[[Rollout], "CheckResult | Unscored"]
"""The one signature of every check, whatever its role."""


@dataclass(frozen=True, slots=True)
class CheckSpec:
    """A check as a definition uses it; its role is the list of the definition that holds it.

    ``weight`` > 0 counts for scores, relative to each other, and for penalties, as a share of the range that
    they take off at most. ``reward`` (absolute, within the range) and ``min_score`` count for gates.
    """

    name: str
    check: Check
    weight: float = 1.0
    reward: float = 0.0
    min_score: float = 1.0


class LintWarning(NamedTuple):
    """Something in a definition that works and is likely not what was meant; ``docs/definitions.md`` explains
    each ``code``."""

    code: str
    place: str
    message: str


MIN_COVERAGE = 0.5


@dataclass(frozen=True, slots=True)
class Definition:
    """A reward definition, checked and compiled. ``version`` is a hash over the file and all it refers to,
    ``sha256`` over the file alone; ``source`` is the URI of a stored one.

    Less than ``min_coverage`` of the rubric's weight answered leaves a rollout unscored; where more than
    ``fail_above`` of the judged ones are, the invocation fails on purpose (never, at 1). With
    ``canaries`` the rows that say so in their metadata are watched.
    """

    name: str
    version: str
    low: float
    high: float
    gates: tuple[CheckSpec, ...] = ()
    scores: tuple[CheckSpec, ...] = ()
    penalties: tuple[CheckSpec, ...] = ()
    metrics: tuple[CheckSpec, ...] = ()
    judge: JudgeSpec | None = None
    combine: Literal["sum", "minimum"] = "sum"
    on_error: Literal["neutral", "siblings"] = "neutral"
    min_coverage: float = MIN_COVERAGE
    fail_above: float = 1.0
    canaries: bool = False
    warnings: tuple[LintWarning, ...] = ()
    sha256: str = ""
    source: str = ""

    @property
    def neutral(self) -> float:
        """The middle of the range: what a failure that is not the rollout's earns."""
        return (self.low + self.high) / 2


@dataclass(frozen=True, slots=True)
class Examined:
    """A rollout after its checks.

    ``settled`` is the reward that a failed gate or a list of impossible length fixed; ``settled_by`` its
    name. ``blocked`` says that a check which counts could not run, so the whole rollout is unscored.
    ``judge`` is set where it is to be judged: the definition's, with the rollout's own criteria where it may
    bring some.
    """

    rollout: Rollout
    results: Mapping[str, CheckResult | Unscored]
    settled: float | None = None
    settled_by: str = ""
    blocked: Unscored | None = None
    judge: JudgeSpec | None = None


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
