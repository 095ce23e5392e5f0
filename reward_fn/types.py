"""The words of this package as types; read this first.

A batch of *rollouts* comes in. *Checks* score each one in [0, 1]; those that the definition makes *gates*
end the paid work when they fail. The *judge* answers a *rubric* of *criteria* with *verdicts*, or leaves
them *unscored* for a typed *reason*. :mod:`reward_fn.aggregate` turns all of it into one *result* each.

Everything here is frozen. Shapes and ranges stand beside the fields.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, Literal, NamedTuple

from reward_fn.text.bounded_json import Parsed, parse_answer
from reward_fn.text.digest import digest, strings_of

MAX_ITEMS = 20
"""The longest list that is judged, where a definition does not say otherwise."""


class Reason(StrEnum):
    """Why something that was expected has no score. The value is the name in logs and metrics."""

    # The judge's own failures: never the rollout's fault.
    THROTTLED = "throttled"
    TIMEOUT = "timeout"
    UNAVAILABLE = "unavailable"
    MODEL_ERROR = "model_error"
    DENIED = "denied"
    INVALID_REQUEST = "invalid_request"
    TRUNCATED = "truncated"
    REFUSED = "refused"
    MALFORMED = "malformed"
    INCOMPLETE = "incomplete"
    DEADLINE = "deadline"
    CANNOT_ASSESS = "cannot_assess"
    # Set off by the rollout's own text.
    FILTERED = "filtered"
    OVERFLOW = "overflow"
    # Nobody was asked.
    BAD_ROW = "bad_row"
    NO_RESPONSE = "no_response"
    NO_SOURCE = "no_source"
    INTERNAL_ERROR = "internal_error"


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

    @cached_property
    def prompt(self) -> str:
        """The messages before the response as one text; the role is named where it is not the user's."""
        return "\n\n".join(m.text if m.role == "user" else f"[{m.role}]\n{m.text}" for m in self.messages)

    @cached_property
    def parsed(self) -> Parsed:
        """The response as JSON, parsed once within bounds, or why it is none."""
        return parse_answer(self.response)

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
class Unscored:
    """Expected, but there is no score. Not 0, not None, not NaN."""

    reason: Reason
    detail: str = ""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check found: ``score`` in [0, 1], 1 is best; ``detail`` says why, not quoting the rollout."""

    score: float
    detail: str = ""


Check = Callable[[Rollout], "CheckResult | Unscored"]
"""The one signature of every check, whatever its role."""


@dataclass(frozen=True, slots=True)
class CheckSpec:
    """A check as a definition uses it; its role is the list of the definition that holds it. ``weight`` > 0
    counts for scores and penalties, ``reward`` and ``min_score`` for gates."""

    name: str
    check: Check
    weight: float = 1.0
    reward: float = 0.0
    min_score: float = 1.0


class VerdictClass(StrEnum):
    """What a judge may answer to a criterion."""

    YES = "yes"
    NO = "no"
    CANNOT_ASSESS = "cannot_assess"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True, eq=False)
class Criterion:
    """One yes/no question of the rubric; the same only as itself, since names are unique in a definition.

    ``weight`` < 0 marks a pitfall: a yes costs. ``scope`` "item" asks it of every list element, "answer"
    once. A yes counts only with a quote that stands in one of the documents ``quote_from``. An ``essential``
    criterion answered no fixes the reward at the floor. One that ``may_not_apply`` may be answered so, and
    then counts neither way.
    """

    name: str
    question: str
    weight: float = 1.0
    scope: Literal["item", "answer"] = "answer"
    essential: bool = False
    may_not_apply: bool = False
    quote_from: tuple[str, ...] = ()
    maps_to: str = ""

    @property
    def menu(self) -> tuple[VerdictClass, ...]:
        """What may be answered to it."""
        return tuple(v for v in VerdictClass if self.may_not_apply or v is not VerdictClass.NOT_APPLICABLE)


@dataclass(frozen=True, slots=True)
class Document:
    """A text shown to the judge: the first of ``sources`` (paths into the rollout) that holds text.

    Without it a rollout is unscored and nobody is asked, unless it is ``optional``.
    """

    name: str
    sources: tuple[str, ...]
    optional: bool = False


@dataclass(frozen=True, slots=True)
class JudgeSpec:
    """The rubric and who answers it.

    ``models`` are asked in turn until one gives verdicts. ``items`` is the path of the list in the response's
    JSON whose elements are judged one by one, "" for none; ``item_fields`` their keys that are shown, () for
    all. A list shorter than ``min_items`` or longer than ``max_items`` is the rollout's fault and not
    judged; ``empty`` is what an empty one earns. With ``own_rubric`` a rollout adds its own.
    """

    models: tuple[str, ...]
    criteria: tuple[Criterion, ...]
    structure: Literal["tool", "json_schema", "text"] = "tool"
    documents: tuple[Document, ...] = ()
    show_prompt: bool = True
    items: str = ""
    item_fields: tuple[str, ...] = ()
    min_items: int = 0
    max_items: int = MAX_ITEMS
    empty: float = 0.0
    weight: float = 1.0
    max_tokens: int | None = None
    own_rubric: bool = False
    provoked: frozenset[Reason] = frozenset({Reason.FILTERED, Reason.OVERFLOW})


class LintWarning(NamedTuple):
    """Something in a definition that works and is likely not what was meant; ``docs/definitions.md`` explains
    each ``code``."""

    code: str
    place: str
    message: str


@dataclass(frozen=True, slots=True)
class Definition:
    """A reward definition, checked and compiled. ``version`` is a hash over the file and all it refers to."""

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
    warnings: tuple[LintWarning, ...] = ()

    @property
    def neutral(self) -> float:
        """The middle of the range: what a failure that is not the rollout's earns."""
        return (self.low + self.high) / 2


class Leaf(NamedTuple):  # a tuple, as Verdict and Metric are: there are dozens for each rollout
    """One thing to be answered: a criterion of the whole answer (``item`` None) or of one item (from 0)."""

    criterion: Criterion
    item: int | None = None


class Verdict(NamedTuple):
    """A judge's answer to one leaf, with the evidence that it gave.

    ``unsupported`` marks a yes that was turned into a no because its quote does not stand in the document.
    """

    answer: VerdictClass
    evidence: str = ""
    unsupported: bool = False


Verdicts = Mapping[Leaf, Verdict]
"""A complete reply: one verdict for every leaf that was asked."""

Outcome = Verdicts | Unscored
"""What asking the judge about a rollout came to."""


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
