"""The price of each model: set by ``JUDGE_PRICES``, else by the provider's own list and the service tier.

The prices are those of the process: settings are read once, when the service is loaded.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from reward_fn.errors import SettingsError
from reward_fn.judge.base import Model, Price
from reward_fn.judge.models.catalogue import profile

FREE = Price(0.0, 0.0, 0.0, 0.0)


class Terms(NamedTuple):
    """What changes listed prices: the service tier, and how long a prompt cache keeps a prefix."""

    service_tier: str = "default"
    cache_ttl: str = "5m"


_set_prices: dict[str, Price] = {}
_terms = Terms()


def load_prices(
    models: Iterable[str],
    prices: Iterable[tuple[str, Price]] = (),
    *,
    max_cost_usd: float = 0.0,
    terms: Terms = Terms(),  # noqa: B008 - a tuple
) -> None:
    """Take over the prices that are set, and look up each model now, so that no call has to.

    A price that is set holds as it is; ``terms`` change only listed ones.

    Raises SettingsError if a cap on cost is set and a model has no price, PriceListError if the list of the
    package can't be read.
    """
    global _terms
    _terms = terms
    _set_prices.clear()
    _set_prices.update({profile(name).name: price for name, price in prices})
    price_of.cache_clear()
    for model in models:
        name = profile(model).name
        price_of(name)
        if max_cost_usd and not has_price(name):
            raise SettingsError(
                f"MAX_COST_USD is set, but {name} has no price; set JUDGE_PRICES={name}=INPUT/OUTPUT, "
                "in US dollars for a million tokens, or MAX_COST_USD=0"
            )


def has_price(model: str) -> bool:
    """Whether the price of the model is set, or listed by its provider."""
    name = profile(model).name
    return name in _set_prices or profile(name).price is not None


@lru_cache(maxsize=64)
def price_of(model: str) -> Price:
    """The price of a tier or model. A model without a price costs nothing: the cost is not known."""
    known = profile(model)
    return _set_prices.get(known.name) or listed_price(known, _terms) or FREE


def listed_price(model: Model, terms: Terms) -> Price | None:
    """The model's listed price in these terms; None without one.

    A tier that the model is not known to offer, or whose price is not known, leaves the price as it is.
    """
    price, cache = model.price, model.prompt_cache
    if price is None:
        return None
    if terms.cache_ttl == "1h" and cache is not None and cache.hour_write_price is not None:
        price = price._replace(cache_write_usd=price.input_usd * cache.hour_write_price)
    factor = dict(model.tier_prices).get(terms.service_tier, 1.0)
    return price if factor == 1.0 else Price(*(usd * factor for usd in price))
