"""What a call costs, as far as a price list can tell: see ``prices.toml`` for its source and date."""

import tomllib
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

from reward_fn.errors import PriceListError
from reward_fn.judge.models.catalogue import PromptCache, profile, prompt_cache

MILLION = 1_000_000
UNKNOWN_CACHE = PromptCache(0, 1.25, 0.1)
"""Claude's prices, where a model's own are not known."""


class Price(NamedTuple):
    """US dollars a token; ``cache_read_usd`` and ``cache_write_usd`` of what a prompt cache gave or took."""

    input_usd: float
    output_usd: float
    cache_read_usd: float
    cache_write_usd: float

    def of(self, input_tokens: int, output_tokens: int, cache_read: int = 0, cache_write: int = 0) -> float:
        """US dollars for a call; no token is counted twice."""
        return (
            input_tokens * self.input_usd
            + output_tokens * self.output_usd
            + cache_read * self.cache_read_usd
            + cache_write * self.cache_write_usd
        )


def load_prices(models: Iterable[str]) -> None:
    """Read the price list and look up tiers or models, so that no call has to. Raises PriceListError."""
    for model in models:
        price_of(profile(model).name)


@lru_cache(maxsize=64)
def price_of(model: str) -> Price:
    """The price of a model id, with its region or as an ARN too.

    One that is not listed costs what the dearest does: a cap then holds early, never late.
    """
    model_id = model.rpartition("/")[2]
    for name, input_usd, output_usd, regional in _listed():
        if name in model_id:
            factor = 1.0 if model_id.startswith(("global.", name)) else regional
            return _price(input_usd * factor, output_usd * factor, prompt_cache(model_id))
    return dearest()


def dearest() -> Price:
    """The highest prices in the list."""
    return _price(
        max(input_usd * regional for _, input_usd, _, regional in _listed()),
        max(output_usd * regional for _, _, output_usd, regional in _listed()),
        None,
    )


def _price(input_usd: float, output_usd: float, cached: PromptCache | None) -> Price:
    prices = cached or UNKNOWN_CACHE
    return Price(input_usd, output_usd, input_usd * prices.read_price, input_usd * prices.write_price)


def list_date() -> str:
    """When the prices of the list were collected, as its file says. Raises PriceListError."""
    return str(_file()["date"])


@cache
def _listed() -> tuple[tuple[str, float, float, float], ...]:
    """Model, US dollars a token in and out, and the factor for profiles of one geography."""
    try:
        return tuple(map(_entry, _file()["price"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        what = f"{type(error).__name__}: {error}"
        raise PriceListError(
            f"reward_fn/judge/models/prices.toml: {what}; correct the file and deploy again"
        ) from error


@cache
def _file() -> dict[str, Any]:
    return tomllib.loads((files("reward_fn.judge.models") / "prices.toml").read_text(encoding="utf-8"))


def _entry(listed: dict[str, Any]) -> tuple[str, float, float, float]:
    return (
        listed["model"],
        listed["input_usd"] / MILLION,
        listed["output_usd"] / MILLION,
        listed.get("regional", 1.0),
    )
