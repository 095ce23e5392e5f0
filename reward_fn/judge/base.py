"""The seam between the judging core and the providers of models: a question goes out, a reply comes back.

No provider's vocabulary stands here. A provider maps its stop reasons, errors and model names to these types.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, NamedTuple, Protocol

from reward_fn.types.verdict import Leaf

Structure = Literal["tool", "json_schema", "text"]
"""How the verdict object is requested: a forced tool call, a response format with a schema, or in words."""

CHARS_PER_TOKEN = 4
"""The usual estimate for English. A cache point after too short a prefix has no effect and no cost."""


class PromptCache(NamedTuple):
    """A model's cache of prompt prefixes of at least ``min_tokens`` tokens.

    ``write_price`` and ``read_price`` are the prices of one token as multiples of the price of plain input.
    ``hour_write_price`` is that of a prefix that is kept for an hour; None if the model keeps none so long.
    """

    min_tokens: int
    write_price: float
    read_price: float
    hour_write_price: float | None = None


class Price(NamedTuple):
    """US dollars a token; the last two are for tokens read from and written to a prompt cache."""

    input_usd: float
    output_usd: float
    cache_read_usd: float
    cache_write_usd: float

    def of(self, input_tokens: int, output_tokens: int, cache_read: int = 0, cache_write: int = 0) -> float:
        """US dollars for a call. The four counts do not overlap."""
        return (
            input_tokens * self.input_usd
            + output_tokens * self.output_usd
            + cache_read * self.cache_read_usd
            + cache_write * self.cache_write_usd
        )


@dataclass(frozen=True, slots=True)
class Model:
    """One model and how to call it.

    ``model_id`` is the provider's own name of the model. ``temperature`` None leaves it out of the request.
    ``prompt_cache`` is None if the model takes no cache points. ``place`` is where it runs, in the provider's
    terms (a region, a URL), "" for the usual place. ``full_name`` is the name for definitions, metrics and
    logs if that is not ``model_id``; ``identity`` is equal for two names of the same model. ``takes_tools``
    says whether the model is known to take a forced tool. ``price`` is None if it is not known.
    ``tier_prices`` are the prices of the service tiers that the model is known to offer, as multiples of
    ``price``.
    """

    model_id: str
    structure: Structure = "tool"
    temperature: float | None = None
    prompt_cache: PromptCache | None = None
    place: str = ""
    full_name: str = ""
    identity: str = ""
    takes_tools: bool = False
    price: Price | None = None
    tier_prices: tuple[tuple[str, float], ...] = ()

    @property
    def name(self) -> str:
        """The name in definitions, metrics and logs. Models with different quotas have different names."""
        return self.full_name or self.model_id

    def caches(self, prefix_chars: int) -> bool:
        """Whether a prefix of that many characters is long enough for the model's prompt cache."""
        cache = self.prompt_cache
        return cache is not None and prefix_chars >= CHARS_PER_TOKEN * cache.min_tokens


@dataclass(frozen=True, slots=True)
class Question:
    """One judge call, ready to send.

    ``static`` is the same for all rollouts of a group and comes first, so that prompt caches hit;
    ``variable`` holds the response. ``schema`` is the JSON Schema of the verdict object, ``leaves`` are the
    verdicts that it must hold. ``items`` are the list elements that are judged one by one. ``key`` is equal
    for two questions that differ only in their random fences.
    """

    system: str
    static: str
    variable: str
    schema: Mapping[str, Any]
    leaves: tuple[Leaf, ...]
    documents: Mapping[str, str]
    max_tokens: int
    key: str
    items: Sequence[Any] = ()

    @property
    def prefix_chars(self) -> int:
        """The length of the prefix that all rollouts of a group share."""
        return len(self.system) + len(self.static)


class Stop(StrEnum):
    """Why a model stopped writing."""

    COMPLETE = "complete"
    TRUNCATED = "truncated"  # at max_tokens
    FILTERED = "filtered"  # by a content filter or guardrail
    REFUSED = "refused"  # by the model, in a field of its own beside the content
    OVERFLOW = "overflow"  # the context window was full
    MALFORMED = "malformed"  # the provider could not read what the model wrote, or the stop reason is unknown


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer of a model. ``content`` is the input of the tool call, or the text of the reply.

    ``stop_detail`` is the provider's own word for ``stop``, for logs. ``has_filter_notice`` says that the
    text holds the words by which the provider's filter replaces an answer; that counts only if the text holds
    no verdicts, since a judge may quote them. Tokens read from or written to a prompt cache are not part of
    ``input_tokens``.
    """

    content: Any
    stop: Stop = Stop.COMPLETE
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    stop_detail: str = ""
    has_filter_notice: bool = False


class Judge(Protocol):
    """Answers questions. Safe to call from many threads at once."""

    def ask(self, question: Question, model: Model, *, within_s: float | None = None) -> Reply:
        """One attempt without retries. It ends after ``within_s`` seconds or the judge's own time-out.

        Raises JudgeFailure with a typed reason.
        """
        ...

    def warm(self) -> None:
        """Do now what the first call would do lazily, without sending anything."""
        ...
