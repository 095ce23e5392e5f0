"""Judge models by name, whatever their provider."""

import re

from reward_fn.judge.base import CHARS_PER_TOKEN, Model, PromptCache, Structure
from reward_fn.judge.models.provider import provider_of
from reward_fn.judge.models.tiers import TIERS

__all__ = ["CHARS_PER_TOKEN", "TIERS", "PromptCache", "Structure", "profile"]

_IN_REGION = re.compile(r"([a-z]{2}(?:-[a-z]+)+-\d/)(.+)")


def profile(model: str, structure: Structure = "tool") -> Model:
    """The model behind a tier or a model's name.

    ``us.amazon.nova-2-lite-v1:0`` is on Bedrock, ``openai:MODEL@URL`` on an OpenAI-compatible server. A tier
    may stand behind a region: ``us-west-2/medium``.
    """
    name = full_name(model)
    return provider_of(name).read_model(name, structure)


def full_name(model: str) -> str:
    """The name with a tier replaced by the tier's model; a region before a tier stays."""
    if model in TIERS:
        return TIERS[model]
    if match := _IN_REGION.fullmatch(model):
        return match[1] + TIERS.get(match[2], match[2])
    return model


def bare_id(model: str) -> str:
    """A text that is equal for two names of the same model, such as a model in two regions."""
    return profile(model).identity


def prompt_cache(model: str) -> PromptCache | None:
    """The prompt cache of a tier or model; None if it has none or is not known."""
    return profile(model).prompt_cache


def refuses(model: str, structure: Structure) -> str:
    """Why a definition may not name this model or request that structure, with the remedy; "" if it may."""
    name = full_name(model)
    return provider_of(name).mistake(name, structure)


def takes_tools(model: str) -> bool:
    """Whether a tier or model is known to take the forced tool of ``structure = "tool"``."""
    return profile(model).takes_tools
