"""Judge models by tier, and what is peculiar to each.

Sources: the Amazon Nova 2 user guide and the Bedrock Converse reference; that Claude Opus 4.7 and all later
Claude models refuse ``temperature``: promptfoo PR 8763 and issue 10307; that gpt-oss takes a forced tool:
langchain-aws issue 1278. That response formats begin with Claude 4.5 and are not for Nova, and which models
take no tools: the Bedrock user guide, "Get validated JSON results" and "Supported models and model features".
Which take cache points, and from how many tokens: the Bedrock user guide's "Prompt caching", and Anthropic's
page of that name (issue 1194 of its Python SDK quotes the table); that Nova writes at the price of plain
input: models.dev PR 6793, redpanda-data/ai-sdk-go PR 166 (from AWS's price list).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

Structure = Literal["tool", "json_schema", "text"]

TIERS: Mapping[str, str] = {
    "medium": "us.amazon.nova-2-lite-v1:0",
    "medium-claude": "us.anthropic.claude-haiku-4-5-20251001-v1:0",
    "heavyweight": "us.amazon.nova-pro-v1:0",
    "heavyweight-claude": "us.anthropic.claude-opus-4-5-20251101-v1:0",
}
"""One model a tier and family; a definition may name any other model by its id."""

_TAKES_TEMPERATURE = re.compile(
    r"amazon\.nova|openai\.gpt-oss|claude-(?:opus|sonnet|haiku)-4-[0-6]\b|claude-3"
)


CHARS_PER_TOKEN = 4
"""The usual estimate for English. A cache point after too short a prefix does nothing, and costs nothing."""


class PromptCache(NamedTuple):
    """A model's cache of prompt prefixes: from ``min_tokens`` on, for five minutes since the last use.

    ``write_price`` and ``read_price`` are those of one token, in tokens of plain input.
    """

    min_tokens: int
    write_price: float
    read_price: float


_PROMPT_CACHES: Sequence[tuple[re.Pattern[str], PromptCache]] = (
    (re.compile(r"amazon\.nova-(?:2-lite|micro|lite|pro|premier)-"), PromptCache(1024, 1.0, 0.25)),
    (re.compile(r"claude-(?:haiku-4-5|opus-4-[56])\b"), PromptCache(4096, 1.25, 0.1)),
    (re.compile(r"claude-(?:opus-4-7|sonnet-4-6|3-5-haiku)\b"), PromptCache(2048, 1.25, 0.1)),
    (
        re.compile(r"claude-(?:sonnet-4-5|(?:sonnet|opus)-4-20\d{6}|opus-4-1|3-7-sonnet)\b"),
        PromptCache(1024, 1.25, 0.1),
    ),
)
"""A model that is not here is sent no cache point: Bedrock refuses the whole call over one it can't take."""


@dataclass(frozen=True, slots=True)
class ModelProfile:
    """How to call one model; ``region`` is "" for the function's own.

    ``structure`` says how the verdict object is asked for: a forced tool, a response format, or in words.
    ``temperature`` None leaves it out. ``prompt_cache`` is None where it takes no cache points.
    """

    model_id: str
    structure: Structure = "tool"
    temperature: float | None = None
    prompt_cache: PromptCache | None = None
    region: str = ""

    def caches(self, prefix_chars: int) -> bool:
        """Whether a prefix of that length, as far as one can guess its tokens, goes into its cache."""
        cache = self.prompt_cache
        return cache is not None and prefix_chars >= CHARS_PER_TOKEN * cache.min_tokens

    @property
    def name(self) -> str:
        """As a definition names it: with its region, where that is another. Each has its own quota."""
        is_arn = self.model_id.startswith("arn:")
        return f"{self.region}/{self.model_id}" if self.region and not is_arn else self.model_id


def profile(model: str, structure: Structure = "tool") -> ModelProfile:
    """The profile of a tier, a model id with or without its geography's prefix, or a profile's ARN.

    A region before it (``us-west-2/amazon.nova-pro-v1:0``) is where it is asked; an ARN names its own.

    ``temperature`` is sent, as 0, only to models known to take it: newer ones refuse the whole call over it.
    """
    region, model_id = _placed(model)
    temperature = 0.0 if _TAKES_TEMPERATURE.search(model_id) else None
    return ModelProfile(model_id, structure, temperature, prompt_cache(model_id), region)


def prompt_cache(model: str) -> PromptCache | None:
    """The cache of a tier's or model id's prompts; None where it has none, or it is not known."""
    model_id = _placed(model)[1]
    return next((cache for pattern, cache in _PROMPT_CACHES if pattern.search(model_id)), None)


_PLACED = re.compile(r"([a-z]{2}(?:-[a-z]+)+-\d)/(.+)")
_ARN = re.compile(r"arn:[a-z-]+:bedrock:([a-z0-9-]+):")
_GEOGRAPHY = re.compile(r"^(?:[a-z]{2}|us-gov|apac|global)\.")


def bare_id(model: str) -> str:
    """The model behind a tier, id or profile, wherever it is asked: without region and geography.

    Two names of one model have one; what an application inference profile stands for can't be known.
    """
    model_id = _placed(model)[1]
    return _GEOGRAPHY.sub("", model_id.rpartition("/")[2] if _ARN.match(model_id) else model_id)


def _placed(model: str) -> tuple[str, str]:
    """The region that a name begins with, or an ARN's, and the model's id; an ARN stays whole."""
    if found := _PLACED.fullmatch(model):
        return found[1], TIERS.get(found[2], found[2])
    found = _ARN.match(model)
    return (found[1], model) if found else ("", TIERS.get(model, model))


_NO_RESPONSE_FORMAT = re.compile(r"amazon\.(?:nova|titan)|claude-3|claude-(?:opus|sonnet)-4-(?:20\d{6}|1\b)")
_NO_TOOLS = re.compile(r"amazon\.titan|deepseek\.r1|claude-(?:v2|instant)")
_TAKES_TOOLS = re.compile(r"amazon\.nova|claude-(?:3|opus|sonnet|haiku)|openai\.gpt-oss")


def refuses(model: str, structure: Structure) -> str:
    """Why a model can't be asked in that structure, with the remedy; "" where it can, or it is not known."""
    model_id = _placed(model)[1]
    if structure == "json_schema" and _NO_RESPONSE_FORMAT.search(model_id):
        return f'{model_id} takes no response format; leave structure at "tool"'
    if structure == "tool" and _NO_TOOLS.search(model_id):
        return f'{model_id} takes no tools; set structure = "text"'
    return ""


def takes_tools(model: str) -> bool:
    """Whether a tier or model is known to take the forced tool of ``structure = "tool"``."""
    return _TAKES_TOOLS.search(_placed(model)[1]) is not None
