"""Prices of provisioned concurrency and of invocations, from prices.toml."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

TABLE = Path(__file__).with_name("prices.toml")
HOURS_A_MONTH = 730
MB_A_GB = 1024


@dataclass(frozen=True)
class Price:
    """US dollars for a GB-second in `region`; `is_guide` if the table lacks the requested region."""

    provisioned_usd: float
    duration_usd: float
    region: str
    is_guide: bool

    def provisioned_usd_an_hour(self, environments: int, memory_mb: int) -> float:
        """US dollars an hour for provisioned environments, used or not."""
        return environments * memory_mb / MB_A_GB * 3600 * self.provisioned_usd

    def invocations_usd(self, count: int, seconds: float, memory_mb: int) -> float:
        """US dollars for `count` on-demand invocations of `seconds` each, without the price of requests."""
        return count * seconds * memory_mb / MB_A_GB * self.duration_usd


@cache
def table() -> dict[str, Any]:
    """The content of prices.toml."""
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))


def price_of(region: str, architecture: str) -> Price:
    """The price in a region for x86_64 or arm64, or the guide region's if the table has no such line."""
    prices = table()
    known = architecture in prices.get(region, {})
    place = region if known else prices["guide"]
    price = prices[place][architecture]
    return Price(price["provisioned"], price["duration"], place, is_guide=not known)


def provisioned_words(environments: int, memory_mb: int, price: Price) -> str:
    """One line with the cost an hour and a month, and the source of the price."""
    if not environments:
        return "Provisioned concurrency: none, so no cost while idle."
    hour_usd = price.provisioned_usd_an_hour(environments, memory_mb)
    guide = ", as a guide: the table lacks this region or processor" if price.is_guide else ""
    return (
        f"Provisioned concurrency: {environments} × {memory_mb} MB = ${hour_usd:,.2f} an hour, used or not "
        f"(${hour_usd * HOURS_A_MONTH:,.0f} a month of {HOURS_A_MONTH} hours); "
        f"prices of {price.region}, {table()['date']}{guide}."
    )
