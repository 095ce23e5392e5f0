"""Prices in the setting ``JUDGE_PRICES``: ``MODEL=INPUT/OUTPUT`` or ``MODEL=INPUT/OUTPUT/CACHED``.

All are US dollars for a million tokens; a comma stands between models.
"""

from reward_fn.judge.base import Price

MOST_USD = 10_000
"""For a million tokens: far above any price, and below a price for a million calls."""


def parse_prices(text: str) -> tuple[tuple[str, Price], ...]:
    """Each model or tier with its price. Raises ValueError.

    A token read from a prompt cache costs as much as plain input, unless CACHED is set.
    """
    return tuple(_parsed(part) for entry in text.split(",") if (part := entry.strip()))


def _parsed(text: str) -> tuple[str, Price]:
    model, _, prices = text.rpartition("=")
    usd = [float(price) for price in prices.split("/")]
    if not model or not 2 <= len(usd) <= 3 or not all(0 <= price <= MOST_USD for price in usd):
        raise ValueError(text)
    input_usd, output_usd, cached_usd = (price / 1_000_000 for price in (*usd, usd[0])[:3])
    return model.strip(), Price(input_usd, output_usd, cached_usd, input_usd)
