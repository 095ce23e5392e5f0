"""The judges of a definition that are not on Bedrock, against the parameters of its deployment.

The function refuses to start with each of these mistakes, so they are found before anything is built.
"""

from collections.abc import Iterator, Mapping

from reward_fn.judge.models.catalogue import profile
from reward_fn.judge.models.price_text import parse_prices
from reward_fn.judge.models.provider import is_default
from reward_fn.judge.providers.openai_compatible.names import normal_url
from reward_fn.judge.vote.panel import models_of
from reward_fn.types.definition import Definition


def server_mistakes(definition: Definition, values: Mapping[str, str]) -> Iterator[str]:
    """Mistakes in JudgePrices, and judges without an allowed URL or, under a cap on cost, without a price.

    ``values`` are all parameters of the template.
    """
    try:
        priced = {profile(name).name for name, _ in parse_prices(values["JudgePrices"])}
    except ValueError:
        yield (
            f"JudgePrices={values['JudgePrices']!r}: set MODEL=INPUT/OUTPUT, in US dollars for a million "
            "tokens, with commas"
        )
        return
    urls = {normal_url(url) for url in values["JudgeUrlsAllowed"].split(",")}
    for name in models_of(definition.judge) if definition.judge else ():
        model = profile(name)
        if is_default(model.name):
            continue
        if "://" in model.place and model.place not in urls:
            yield f"{definition.name!r} is judged by {model.name!r}; add {model.place} to JudgeUrlsAllowed"
        if float(values["MaxCostUsd"]) and model.price is None and model.name not in priced:
            yield (
                f"MaxCostUsd is set, but {model.name!r} has no price; add {model.name}=INPUT/OUTPUT to "
                "JudgePrices, in US dollars for a million tokens"
            )
