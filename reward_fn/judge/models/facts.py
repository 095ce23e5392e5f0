"""The facts of ``models.toml``: what each model on Bedrock takes, and what it costs."""

import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

from reward_fn.errors import PriceListError
from reward_fn.judge.base import Price, PromptCache

MILLION = 1_000_000
PRICED_TIERS = ("flex", "priority")
"""Service tiers of Bedrock whose price an entry may give; "default" costs the usual price."""
CLAUDE_CACHE = PromptCache(0, 1.25, 0.1, 2.0)
"""Claude's cache prices, the highest listed; used for a model whose cache prices are not known."""


class Facts(NamedTuple):  # a data class takes a millisecond to make at each cold start
    """One entry. None means that a capability is not known; prices are in US dollars a token.

    ``tiers`` are service tiers with their prices as multiples of the usual one.
    """

    id: str
    temperature: bool | None = None
    tools: bool | None = None
    response_format: bool | None = None
    cache: PromptCache | None = None
    usd: tuple[float, float] | None = None
    regional: float = 1.0
    tiers: tuple[tuple[str, float], ...] = ()


UNKNOWN = Facts("")


@lru_cache(maxsize=64)
def facts_of(model_id: str) -> Facts:
    """The first entry that holds for a model's id, with or without a geography's prefix."""
    return next((facts for facts in _listed() if _names(facts.id, model_id)), UNKNOWN)


def price_of_id(model_id: str) -> Price:
    """The price of a model's id.

    A model without a listed price costs as much as the most expensive one, so that a cap on cost acts too
    early and never too late.
    """
    facts = facts_of(model_id)
    if facts.usd is None:
        return highest_price()
    input_usd, output_usd = facts.usd
    factor = 1.0 if model_id.startswith(("global.", facts.id)) else facts.regional
    return _price(input_usd * factor, output_usd * factor, facts.cache or CLAUDE_CACHE)


@cache
def highest_price() -> Price:
    """The highest listed price of input, and the highest of output."""
    priced = [(facts.usd, facts.regional) for facts in _listed() if facts.usd]
    return _price(
        max(usd[0] * regional for usd, regional in priced),
        max(usd[1] * regional for usd, regional in priced),
        CLAUDE_CACHE,
    )


def _price(input_usd: float, output_usd: float, prompt_cache: PromptCache) -> Price:
    read, write = prompt_cache.read_price, prompt_cache.write_price
    return Price(input_usd, output_usd, input_usd * read, input_usd * write)


def _names(id_part: str, model_id: str) -> bool:
    _, part, rest = model_id.partition(id_part)
    return bool(part) and not rest[:1].isdigit()


def list_date() -> str:
    """The time from which the prices of the file are. Raises PriceListError."""
    return _file().prices_of


def checked_on() -> str:
    """The day, as YYYY-MM-DD, on which the prices of the file were last compared with published ones; the
    earliest of all providers. Raises PriceListError."""
    return _file().checked_on


def _listed() -> tuple[Facts, ...]:
    return _file().models


class _File(NamedTuple):
    """The file: its entries, in order, the time from which its prices are, and when they were compared."""

    models: tuple[Facts, ...]
    prices_of: str
    checked_on: str


@cache
def _file() -> _File:
    """Raises PriceListError if the file can't be read."""
    try:
        listed = tomllib.loads((files("reward_fn.judge.models") / "models.toml").read_text(encoding="utf-8"))
        entries = tuple(map(_entry, listed["model"]))
        return _File(entries, str(listed["prices_of"]), str(listed["checked_on"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        what = f"{type(error).__name__}: {error}"
        raise PriceListError(
            f"reward_fn/judge/models/models.toml: {what}; correct the file and deploy again"
        ) from error


def _entry(listed: Mapping[str, Any]) -> Facts:
    has_cache, has_price = "cache_min_tokens" in listed, "input_usd" in listed
    hour_write_price = listed.get("cache_write_hour")
    return Facts(
        listed["id"],
        listed.get("temperature"),
        listed.get("tools"),
        listed.get("response_format"),
        PromptCache(listed["cache_min_tokens"], listed["cache_write"], listed["cache_read"], hour_write_price)
        if has_cache
        else None,
        (listed["input_usd"] / MILLION, listed["output_usd"] / MILLION) if has_price else None,
        listed.get("regional", 1.0),
        tuple((tier, listed[tier]) for tier in PRICED_TIERS if tier in listed),
    )
