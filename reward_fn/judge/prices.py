"""What a call costs, as far as a price list can tell: see ``prices.toml`` for its source and date."""

import tomllib
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

MILLION = 1_000_000


class Price(NamedTuple):
    """US dollars a token."""

    input_usd: float
    output_usd: float

    def of(self, input_tokens: int, output_tokens: int) -> float:
        """US dollars for a call."""
        return input_tokens * self.input_usd + output_tokens * self.output_usd


@lru_cache(maxsize=64)
def price_of(model: str) -> Price:
    """The price of a model id, with its region or as an ARN too.

    One that is not listed costs what the dearest does: a cap then holds early, never late.
    """
    model_id = model.rpartition("/")[2]
    for name, price, regional in _listed():
        if name in model_id:
            factor = 1.0 if model_id.startswith(("global.", name)) else regional
            return Price(price.input_usd * factor, price.output_usd * factor)
    return dearest()


def is_listed(model: str) -> bool:
    """Whether the model has a price of its own."""
    return any(name in model for name, *_ in _listed())


def dearest() -> Price:
    """The highest prices in the list."""
    return Price(
        max(price.input_usd * regional for _, price, regional in _listed()),
        max(price.output_usd * regional for _, price, regional in _listed()),
    )


@cache
def _listed() -> tuple[tuple[str, Price, float], ...]:
    text = (files("reward_fn.judge") / "prices.toml").read_text(encoding="utf-8")
    return tuple(
        (
            each["model"],
            Price(each["input_usd"] / MILLION, each["output_usd"] / MILLION),
            each.get("regional", 1.0),
        )
        for each in tomllib.loads(text)["price"]
    )
