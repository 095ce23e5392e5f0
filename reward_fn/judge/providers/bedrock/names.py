"""Names of models on Bedrock: ids, inference profiles with a geography's prefix, ARNs, and regions.

``us-west-2/amazon.nova-pro-v1:0`` is called in that region; an ARN is called in the region that it names.
"""

import re

from reward_fn.judge.base import Model, Structure
from reward_fn.judge.models.facts import facts_of, price_of_id

_PLACED = re.compile(r"([a-z]{2}(?:-[a-z]+)+-\d)/(.+)")
_ARN = re.compile(r"arn:[a-z-]+:bedrock:([a-z0-9-]+):")
_GEOGRAPHY = re.compile(r"^(?:[a-z]{2}|us-gov|apac|global)\.")


def read_model(name: str, structure: Structure = "tool") -> Model:
    """The model of an id, an inference profile or an ARN, with or without a region before it.

    ``temperature`` is sent, as 0, only to models that are known to take it: newer ones refuse the whole call.
    """
    region, model_id = _placed(name)
    facts = facts_of(model_id)
    is_arn = model_id.startswith("arn:")
    return Model(
        model_id,
        structure,
        temperature=0.0 if facts.temperature else None,
        prompt_cache=facts.cache,
        place=region,
        full_name=f"{region}/{model_id}" if region and not is_arn else model_id,
        identity=bare_id(model_id),
        takes_tools=bool(facts.tools),
        price=price_of_id(model_id.rpartition("/")[2]),
        tier_prices=facts.tiers,
    )


def bare_id(model_id: str) -> str:
    """The model's id without region, ARN and geography.

    It is equal for two names of one model, except for application inference profiles, whose model their ARN
    does not tell.
    """
    return _GEOGRAPHY.sub("", model_id.rpartition("/")[2] if _ARN.match(model_id) else model_id)


def mistake(name: str, structure: Structure) -> str:
    """Why the model can't be requested in that structure, with the remedy; "" if it can or is not known."""
    model_id = _placed(name)[1]
    facts = facts_of(model_id)
    if structure == "json_schema" and facts.response_format is False:
        return f'{model_id} takes no response format; leave structure at "tool"'
    if structure == "tool" and facts.tools is False:
        return f'{model_id} takes no tools; set structure = "text"'
    return ""


def _placed(name: str) -> tuple[str, str]:
    """The region that a name begins with, or an ARN's, else ""; and the model's id. An ARN stays whole."""
    if placed := _PLACED.fullmatch(name):
        return placed[1], placed[2]
    arn = _ARN.match(name)
    return (arn[1], name) if arn else ("", name)
