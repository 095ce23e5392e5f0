"""What an invocation may cost, and what a call costs by the list."""

from dataclasses import replace

import pytest

from reward_fn.errors import JudgeFailure
from reward_fn.judge.base import Question, Reply
from reward_fn.judge.limit.cost_cap import CostCap, most_usd
from reward_fn.judge.models.catalogue import TIERS, profile
from reward_fn.judge.models.facts import highest_price
from reward_fn.judge.models.prices import price_of
from reward_fn.types.unscored import Reason

NOVA_PRO = "us.amazon.nova-pro-v1:0"  # 0.80 and 3.20 dollars for a million tokens
PRO = profile(NOVA_PRO)
QUESTION = Question("s" * 296, "", "", {}, (), {}, max_tokens=1000, key="k")
# 296 characters at 3 a token are 99 tokens, the 2 of "{}" are 1
MOST_USD = 100 * 0.8e-6 + 1000 * 3.2e-6


def used(input_tokens: int, output_tokens: int) -> Reply:
    return Reply(None, input_tokens=input_tokens, output_tokens=output_tokens)


def test_a_call_costs_its_tokens_at_the_listed_price() -> None:
    assert price_of(NOVA_PRO).of(1_000_000, 1_000_000) == pytest.approx(4.0)


def test_a_geographys_prefix_costs_a_tenth_more_where_the_list_says_so() -> None:
    assert price_of("us.amazon.nova-2-lite-v1:0").input_usd == pytest.approx(0.33e-6)
    assert price_of("global.amazon.nova-2-lite-v1:0").input_usd == pytest.approx(0.30e-6)


@pytest.mark.parametrize(
    "name", [f"us-west-2/{NOVA_PRO}", f"arn:aws:bedrock:us-west-2:1:inference-profile/{NOVA_PRO}"]
)
def test_a_region_or_an_arn_does_not_hide_the_model(name: str) -> None:
    assert price_of(name) == price_of(NOVA_PRO)


def is_listed(model: str) -> bool:
    """Whether a model has a price of its own; none of the tiers' is the highest."""
    return price_of(model) != highest_price()


def test_every_tier_is_listed() -> None:
    assert [model for model in TIERS.values() if not is_listed(model)] == []


def test_an_unknown_model_costs_what_the_dearest_does() -> None:
    assert price_of("example.unheard-of-v1:0") == highest_price()
    assert highest_price().output_usd == pytest.approx(75e-6)  # Claude Opus 4's


def test_no_call_begins_that_could_take_it_over_the_cap() -> None:
    cost_cap = CostCap(2.5 * MOST_USD)
    held = [cost_cap.hold(QUESTION, PRO) for _ in range(2)]
    assert held == pytest.approx([MOST_USD] * 2)
    with pytest.raises(JudgeFailure) as caught:
        cost_cap.hold(QUESTION, PRO)
    assert (caught.value.reason, caught.value.final) == (Reason.BUDGET, True)
    assert caught.value.detail == "the invocation's cap on cost is reached"


def test_a_call_that_can_cost_just_the_cap_begins() -> None:
    most = most_usd(QUESTION, PRO)
    assert CostCap(most).hold(QUESTION, PRO) == most


def test_what_a_call_did_not_use_is_free_again() -> None:
    cost_cap = CostCap(1.5 * MOST_USD)
    cost_cap.settle(cost_cap.hold(QUESTION, PRO), PRO, used(50, 10))
    assert cost_cap.spent_usd == pytest.approx(50 * 0.8e-6 + 10 * 3.2e-6)
    assert cost_cap.hold(QUESTION, PRO) == pytest.approx(MOST_USD)


def test_without_a_cap_cost_is_counted_and_nothing_is_refused() -> None:
    cost_cap = CostCap()
    for _ in range(100):
        cost_cap.settle(cost_cap.hold(replace(QUESTION, max_tokens=10**9), PRO), PRO, used(0, 1_000_000))
    assert cost_cap.spent_usd == pytest.approx(320.0)


# Whatever its text: a token a character where that is not ASCII, in whole tokens a part.
@pytest.mark.parametrize(
    ("text", "tokens"), [("a" * 30, 10), ("付" * 30, 30), ("付a" * 15, 20), ("é" + "a" * 4, 3)]
)
def test_other_characters_than_asciis_are_held_as_a_token_each(text: str, tokens: int) -> None:
    question = replace(QUESTION, system="", variable=text, max_tokens=0)
    assert most_usd(question, PRO) == pytest.approx((tokens + 1) * 0.8e-6)  # 1 for "{}"


def test_a_prefix_that_is_written_to_a_cache_is_held_at_the_price_of_a_write() -> None:
    # 12,288 characters are the 4096 tokens that Haiku 4.5 caches, by four a token only from 16,384 on.
    haiku = profile("global.anthropic.claude-haiku-4-5-20251001-v1:0")
    short, long = (replace(QUESTION, system="", static="s" * n, max_tokens=0) for n in (12_288, 16_386))
    assert most_usd(short, haiku) == pytest.approx((4096 + 1) * 1e-6)
    assert most_usd(long, haiku) == pytest.approx((5462 * 1.25 + 1) * 1e-6)


@pytest.mark.parametrize(
    ("model", "read", "write"),
    [
        (NOVA_PRO, 0.25, 1.0),
        ("global.anthropic.claude-haiku-4-5-20251001-v1:0", 0.1, 1.25),
        ("openai.gpt-oss-120b-1:0", 0.1, 1.25),
    ],
)
def test_a_prompt_cache_has_its_own_prices(model: str, read: float, write: float) -> None:
    price = price_of(model)
    assert price.of(0, 0, 1_000_000, 0) == pytest.approx(price.input_usd * 1e6 * read)
    assert price.of(0, 0, 0, 1_000_000) == pytest.approx(price.input_usd * 1e6 * write)


# Each model of models.toml that is no tier and has a prompt cache.
@pytest.mark.parametrize(
    ("model", "usd"),
    [
        ("us.anthropic.claude-opus-4-1-20250805-v1:0", (15, 75)),
        ("us.anthropic.claude-opus-4-20250514-v1:0", (15, 75)),
        ("global.anthropic.claude-opus-4-6-v1", (5, 25)),
        ("global.anthropic.claude-opus-4-7", (5, 25)),
        ("global.anthropic.claude-sonnet-4-6", (3, 15)),
        ("us.anthropic.claude-3-7-sonnet-20250219-v1:0", (3, 15)),
        ("us.anthropic.claude-3-5-haiku-20241022-v1:0", (0.8, 4)),
    ],
)
def test_models_that_are_known_by_name_have_their_own_price(model: str, usd: tuple[float, float]) -> None:
    price = price_of(model)
    assert (price.input_usd * 1e6, price.output_usd * 1e6) == pytest.approx(usd)


def test_a_call_of_which_nobody_knows_counts_as_the_most_that_it_may_cost() -> None:
    for cost_cap in (CostCap(), CostCap(1.5 * MOST_USD)):
        cost_cap.settle_unknown(cost_cap.hold(QUESTION, PRO), PRO, QUESTION)
        assert cost_cap.spent_usd == pytest.approx(MOST_USD)
    with pytest.raises(JudgeFailure):
        cost_cap.hold(QUESTION, PRO)
