"""The price of each model: set by ``JUDGE_PRICES``, else by the provider's own list.

The prices are those of the process: settings are read once, when the service is loaded.
"""

from collections.abc import Iterable
from functools import lru_cache

from reward_fn.errors import SettingsError
from reward_fn.judge.base import Price
from reward_fn.judge.models.catalogue import profile

FREE = Price(0.0, 0.0, 0.0, 0.0)

_set_prices: dict[str, Price] = {}


def load_prices(
    models: Iterable[str], prices: Iterable[tuple[str, Price]] = (), *, max_cost_usd: float = 0.0
) -> None:
    """Take over the prices that are set, and look up each model now, so that no call has to.

    Raises SettingsError if a cap on cost is set and a model has no price, PriceListError if the list of the
    package can't be read.
    """
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
    return _set_prices.get(known.name) or known.price or FREE
