"""Tiers and the peculiarities of models."""

from datetime import date

import pytest

from reward_fn.judge.models.catalogue import (
    TIERS,
    PromptCache,
    bare_id,
    profile,
    prompt_cache,
    refuses,
)
from reward_fn.judge.models.facts import checked_on

PROFILE_ARN = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.{model}"


def test_a_tier_names_a_model() -> None:
    assert profile("medium").model_id == "us.amazon.nova-2-lite-v1:0"
    assert profile("heavyweight-claude").model_id == "us.anthropic.claude-opus-4-5-20251101-v1:0"


def test_both_families_have_a_model_in_both_tiers() -> None:
    # two families are two opinions; one family twice is not
    assert {tier.partition("-")[0] for tier in TIERS} == {"medium", "heavyweight"}
    assert len(set(TIERS.values())) == len(TIERS) == 4


@pytest.mark.parametrize(
    "model_id", ["openai.gpt-oss-120b-1:0", "meta.llama-9", PROFILE_ARN.format(model="x.y")]
)
def test_any_other_model_is_called_by_its_own_id(model_id: str) -> None:
    assert profile(model_id).model_id == model_id


@pytest.mark.parametrize("structure", ["tool", "json_schema", "text"])
def test_the_structure_is_the_definitions(structure: str) -> None:
    assert profile("medium", structure).structure == structure  # type: ignore[arg-type]


def test_a_tool_is_the_usual_structure() -> None:
    found = profile("medium")
    assert (found.model_id, found.structure) == ("us.amazon.nova-2-lite-v1:0", "tool")
    assert (found.temperature, found.prompt_cache) == (0.0, PromptCache(1024, 1.0, 0.25))


@pytest.mark.parametrize(
    "model_id",
    [
        "us.amazon.nova-2-lite-v1:0",
        "amazon.nova-pro-v1:0",
        "us.amazon.nova-premier-v1:0",
        "us.anthropic.claude-haiku-4-5-20251001-v1:0",
        "global.anthropic.claude-opus-4-5-20251101-v1:0",
        "anthropic.claude-3-5-haiku-20241022-v1:0",
        "us.anthropic.claude-sonnet-4-20250514-v1:0",
        "us.anthropic.claude-opus-4-20250514-v1:0",
        "openai.gpt-oss-120b-1:0",
        PROFILE_ARN.format(model="amazon.nova-2-lite-v1:0"),
    ],
)
def test_models_known_to_take_a_temperature_get_0(model_id: str) -> None:
    assert profile(model_id).temperature == 0.0


@pytest.mark.parametrize(
    "model_id",
    [
        "us.anthropic.claude-opus-4-7",
        "global.anthropic.claude-opus-4-7-20260401-v1:0",
        "us.anthropic.claude-opus-5-20260601-v1:0",
        "us.anthropic.claude-sonnet-5",
        "us.anthropic.claude-opus-4-10-20270101-v1:0",
        "vendor.some-new-model-v1:0",
        PROFILE_ARN.format(model="anthropic.claude-opus-4-7"),
        "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcdef123456",
    ],
)
def test_a_temperature_is_left_out_where_it_might_be_refused(model_id: str) -> None:
    assert profile(model_id).temperature is None


# Prompt caches


@pytest.mark.parametrize(
    ("model", "min_tokens"),
    [
        ("medium", 1024),
        ("heavyweight", 1024),
        ("us.amazon.nova-premier-v1:0", 1024),
        ("medium-claude", 4096),
        ("heavyweight-claude", 4096),
        ("us.anthropic.claude-opus-4-6-v1", 4096),
        ("us.anthropic.claude-opus-4-7", 2048),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", 1024),
        ("us.anthropic.claude-sonnet-4-20250514-v1:0", 1024),
        (PROFILE_ARN.format(model="anthropic.claude-haiku-4-5-20251001-v1:0"), 4096),
    ],
)
def test_a_prefix_is_cached_from_its_models_length_on(model: str, min_tokens: int) -> None:
    known = profile(model)
    assert (known.caches(4 * min_tokens), known.caches(4 * min_tokens - 1)) == (True, False)


@pytest.mark.parametrize(
    "model", ["openai.gpt-oss-120b-1:0", "meta.llama-9", "us.anthropic.claude-opus-5-20260601-v1:0", "x.y"]
)
def test_an_unknown_model_is_taken_for_one_without_a_cache(model: str) -> None:
    assert prompt_cache(model) is None
    assert not profile(model).caches(10**6)


def test_nova_writes_at_the_price_of_plain_input_and_claude_does_not_but_keeps_an_hour() -> None:
    prices = {tier: prompt_cache(tier) for tier in TIERS}
    assert {tier: cache and cache[1:] for tier, cache in prices.items()} == {
        "medium": (1.0, 0.25, None),
        "heavyweight": (1.0, 0.25, None),
        "medium-claude": (1.25, 0.1, 2.0),
        "heavyweight-claude": (1.25, 0.1, 2.0),
    }


@pytest.mark.parametrize(
    ("model", "tiers"),
    [
        ("medium", {"flex": 0.5, "priority": 1.75}),
        ("heavyweight", {"flex": 0.5, "priority": 1.75}),
        ("us.amazon.nova-premier-v1:0", {"flex": 0.5, "priority": 1.75}),
        ("medium-claude", {}),
        ("vendor.new-v1:0", {}),
    ],
)
def test_the_prices_of_service_tiers_are_those_that_are_published(
    model: str, tiers: dict[str, float]
) -> None:
    assert dict(profile(model).tier_prices) == tiers


def test_the_list_says_when_it_was_last_compared_with_published_prices() -> None:
    assert date.fromisoformat(checked_on()) >= date(2026, 9, 1)


def test_a_region_before_a_model_is_where_it_is_asked() -> None:
    found = profile("us-west-2/amazon.nova-pro-v1:0")
    assert (found.model_id, found.place) == ("amazon.nova-pro-v1:0", "us-west-2")
    assert found.name == "us-west-2/amazon.nova-pro-v1:0"
    assert profile("eu-west-1/medium").model_id == TIERS["medium"]


def test_an_arn_stays_whole_and_is_asked_in_its_region() -> None:
    arn = "arn:aws:bedrock:us-west-2:123456789012:inference-profile/us.amazon.nova-pro-v1:0"
    found = profile(arn)
    assert (found.model_id, found.place, found.name) == (arn, "us-west-2", arn)


def test_a_model_of_the_functions_own_region_names_none() -> None:
    assert profile("us.amazon.nova-pro-v1:0").place == ""


@pytest.mark.parametrize(
    "model",
    [
        "medium",
        "us-west-2/medium",
        "amazon.nova-2-lite-v1:0",
        "eu.amazon.nova-2-lite-v1:0",
        "apac.amazon.nova-2-lite-v1:0",
        "us-gov.amazon.nova-2-lite-v1:0",
        "us-west-2/global.amazon.nova-2-lite-v1:0",
        "arn:aws:bedrock:us-west-2:123456789012:inference-profile/us.amazon.nova-2-lite-v1:0",
        "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-2-lite-v1:0",
    ],
)
def test_one_model_is_the_same_by_whatever_name_and_wherever_asked(model: str) -> None:
    assert bare_id(model) == "amazon.nova-2-lite-v1:0"
    assert "takes no response format" in refuses(model, "json_schema")
    assert prompt_cache(model) == prompt_cache("medium")


def test_other_models_are_not_the_same() -> None:
    names = [*TIERS, "qwen.qwen3-235b-a22b-2507-v1:0", "deepseek.v3-v1:0", "meta.llama3-3-70b-instruct-v1:0"]
    names += [f"arn:aws:bedrock:us-east-1:1:application-inference-profile/{each}" for each in ("a1", "b2")]
    assert len({bare_id(name) for name in names}) == len(names)
