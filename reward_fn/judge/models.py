"""Judge models by tier, and what is peculiar to each.

Sources: the Amazon Nova 2 user guide and the Bedrock Converse reference; that Claude Opus 4.7 and all later
Claude models refuse ``temperature``: promptfoo PR 8763 and issue 10307; that gpt-oss takes a forced tool:
langchain-aws issue 1278. That response formats begin with Claude 4.5 and are not for Nova, and which models
take no tools: the Bedrock user guide, "Get validated JSON results" and "Supported models and model features".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

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


@dataclass(frozen=True, slots=True)
class ModelProfile:
    """How to call one model.

    ``structure`` says how the verdict object is asked for: a forced tool, a response format, or in words.
    ``temperature`` None leaves it out.
    """

    model_id: str
    structure: Structure = "tool"
    temperature: float | None = None


def profile(model: str, structure: Structure = "tool") -> ModelProfile:
    """The profile of a tier, a model id with or without its region's prefix, or an inference profile's ARN.

    ``temperature`` is sent, as 0, only to models known to take it: newer ones refuse the whole call over it.
    """
    model_id = TIERS.get(model, model)
    return ModelProfile(model_id, structure, 0.0 if _TAKES_TEMPERATURE.search(model_id) else None)


_NO_RESPONSE_FORMAT = re.compile(r"amazon\.(?:nova|titan)|claude-3|claude-(?:opus|sonnet)-4-(?:20\d{6}|1\b)")
_NO_TOOLS = re.compile(r"amazon\.titan|deepseek\.r1|claude-(?:v2|instant)")


def refuses(model: str, structure: Structure) -> str:
    """Why a model can't be asked in that structure, with the remedy; "" where it can, or it is not known."""
    model_id = TIERS.get(model, model)
    if structure == "json_schema" and _NO_RESPONSE_FORMAT.search(model_id):
        return f'{model_id} takes no response format; leave structure at "tool"'
    if structure == "tool" and _NO_TOOLS.search(model_id):
        return f'{model_id} takes no tools; set structure = "text"'
    return ""
