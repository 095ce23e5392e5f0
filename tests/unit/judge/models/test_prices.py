"""Prices: those that are set, those that are listed, and models without one."""

from collections.abc import Iterator

import pytest

from reward_fn.errors import SettingsError
from reward_fn.judge.base import Price
from reward_fn.judge.models.facts import highest_price
from reward_fn.judge.models.price_text import parse_prices
from reward_fn.judge.models.prices import FREE, Terms, has_price, load_prices, price_of

OURS = "openai:m@https://judge.example/v1"


@pytest.fixture(autouse=True)
def _only_listed_prices() -> Iterator[None]:
    load_prices([])
    yield
    load_prices([])


def test_a_price_that_is_set_holds_and_a_listed_one_gives_way() -> None:
    prices = parse_prices(f"{OURS}/=0.5/2, medium=1/4/0.1")
    load_prices([OURS, "medium"], prices, max_cost_usd=1.0)
    assert price_of(OURS) == Price(0.5e-6, 2e-6, 0.5e-6, 0.5e-6)
    assert price_of("us.amazon.nova-2-lite-v1:0") == pytest.approx((1e-6, 4e-6, 0.1e-6, 1e-6))
    load_prices([])
    assert price_of("medium").input_usd == pytest.approx(0.33e-6), "as models.toml lists it"


def test_a_model_without_a_price_costs_nothing_and_no_cap_can_hold() -> None:
    load_prices([OURS])
    assert price_of(OURS) == FREE
    assert not has_price(OURS)
    with pytest.raises(SettingsError, match=rf"{OURS} has no price; set JUDGE_PRICES={OURS}=INPUT/OUTPUT"):
        load_prices([OURS], max_cost_usd=1.0)
    load_prices([OURS], parse_prices(f"{OURS}=0/0"), max_cost_usd=1.0)
    assert has_price(OURS)


def test_an_unlisted_model_of_bedrock_still_counts_as_the_dearest() -> None:
    load_prices(["vendor.new-v1:0"], max_cost_usd=1.0)
    assert price_of("vendor.new-v1:0") == highest_price()


@pytest.mark.parametrize(
    "text", ["m.n", "m.n=1", "=1/2", "m.n=1/x", "m.n=1/2/3/4", "m.n=-1/2", "m.n=nan/1", "m.n=1e9/1"]
)
def test_a_malformed_price_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_prices(text)


NOVA, HAIKU = "global.amazon.nova-2-lite-v1:0", "global.anthropic.claude-haiku-4-5-20251001-v1:0"


@pytest.mark.parametrize(
    ("tier", "input_usd", "output_usd"),
    # 0.30 and 2.50 US dollars for a million tokens; half of it, and 1.75 times.
    [("default", 0.30, 2.50), ("flex", 0.15, 1.25), ("priority", 0.525, 4.375), ("reserved", 0.30, 2.50)],
)
def test_a_service_tier_changes_the_listed_price(tier: str, input_usd: float, output_usd: float) -> None:
    load_prices([NOVA], terms=Terms(tier))
    expected = (input_usd, output_usd, 0.25 * input_usd, input_usd)
    assert price_of(NOVA) == pytest.approx([usd / 1e6 for usd in expected])


def test_a_tier_that_a_model_is_not_known_to_offer_leaves_its_price() -> None:
    load_prices([HAIKU], terms=Terms("flex"))
    assert price_of(HAIKU) == pytest.approx((1e-6, 5e-6, 0.1e-6, 1.25e-6))


def test_a_price_that_is_set_is_the_price_in_every_tier() -> None:
    load_prices([NOVA], parse_prices(f"{NOVA}=1/4"), terms=Terms("flex", "1h"))
    assert price_of(NOVA) == pytest.approx((1e-6, 4e-6, 1e-6, 1e-6))


@pytest.mark.parametrize(("model", "written_usd"), [(HAIKU, 2e-6), (NOVA, 0.3e-6)])
def test_a_prefix_kept_for_an_hour_costs_claude_twice_the_plain_input(model: str, written_usd: float) -> None:
    load_prices([model], terms=Terms(cache_ttl="1h"))
    assert price_of(model).cache_write_usd == pytest.approx(written_usd), "Nova keeps none so long"
    assert price_of(model).cache_read_usd < price_of(model).input_usd


def test_terms_are_forgotten_when_prices_are_loaded_again() -> None:
    load_prices([NOVA], terms=Terms("flex"))
    load_prices([NOVA])
    assert price_of(NOVA).input_usd == pytest.approx(0.3e-6)
