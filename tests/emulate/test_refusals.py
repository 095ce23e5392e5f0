"""What a model does not take is refused, in the service's words, and what it takes is not."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from reward_fn.definition.load import load_definition
from reward_fn.judge.models.catalogue import TIERS, profile
from reward_fn.judge.providers.bedrock.converse import converse_request as our_request
from rewardctl.emulate.refusals import refusal
from tests.emulate.conftest import Connect, Serve
from tests.emulate.material import SCHEMA, TOOL_SCHEMA, converse_request
from tests.factory import build_question, rollout

NOVA = "us.amazon.nova-2-lite-v1:0"
HAIKU = "us.anthropic.claude-haiku-4-5-20251001-v1:0"


def with_schema(schema: Any, model: str = NOVA) -> dict[str, Any]:
    request = converse_request(modelId=model)
    request["toolConfig"]["tools"][0]["toolSpec"]["inputSchema"]["json"] = schema
    return request


def refused(request: dict[str, Any]) -> str:
    """The refusal's message, "" where the request is taken."""
    error = refusal(request["modelId"], request)
    return "" if error is None else error.message


@pytest.mark.parametrize("key", ["additionalProperties", "$schema", "description", "title", "$defs"])
def test_nova_takes_three_keys_at_the_top_of_a_tools_schema(key: str) -> None:
    schema = {**TOOL_SCHEMA, key: {}}
    assert refused(with_schema(schema)) == (
        "The model returned the following errors: Malformed input request: "
        f"#/toolConfig/tools/0/toolSpec/inputSchema/json: extraneous key [{key}] is not permitted, "
        "please reformat your input and try again."
    )
    assert refused(with_schema(schema, HAIKU)) == ""


def test_below_the_top_nova_takes_more() -> None:
    closed = {"type": "object", "properties": {"a": SCHEMA}, "required": ["a"]}
    assert refused(with_schema(closed)) == ""


@pytest.mark.parametrize(
    "part", [{"$ref": "#/properties/b"}, {"type": "array", "items": {"anyOf": [{"$ref": "#/x"}]}}]
)
def test_nova_takes_no_reference(part: Any) -> None:
    schema = {"type": "object", "properties": {"a": part}, "required": ["a"]}
    assert "extraneous key [$ref]" in refused(with_schema(schema))
    assert refused(with_schema(schema, HAIKU)) == ""


def test_a_property_may_be_called_ref() -> None:
    schema = {"type": "object", "properties": {"$ref": {"type": "string"}}, "required": ["$ref"]}
    assert refused(with_schema(schema)) == ""


def test_a_cache_point_among_the_tools_is_for_claude_alone() -> None:
    for model, taken in ((NOVA, False), (HAIKU, True)):
        request = converse_request(modelId=model)
        request["toolConfig"]["tools"].append({"cachePoint": {"type": "default"}})
        assert (refused(request) == "") is taken
        assert taken or "#/toolConfig/tools/1: extraneous key [cachePoint]" in refused(request)


@pytest.mark.parametrize(
    ("model", "taken"),
    [
        (NOVA, False),
        ("us.amazon.nova-pro-v1:0", False),
        ("us.anthropic.claude-opus-4-1-20250805-v1:0", False),
        (HAIKU, True),
        ("openai.gpt-oss-120b-1:0", True),
    ],
)
def test_a_response_format_is_refused_by_models_without_one(model: str, taken: bool) -> None:
    message = "This model doesn't support the outputConfig field. Remove outputConfig and try again."
    assert refused(converse_request("json_schema", modelId=model)) == ("" if taken else message)


@pytest.mark.parametrize(
    ("model", "taken"),
    [
        (NOVA, True),
        (HAIKU, True),
        ("us.anthropic.claude-sonnet-4-20250514-v1:0", True),
        ("us.anthropic.claude-opus-4-6-v1", True),
        ("anthropic.claude-3-haiku-20240307-v1:0", True),
        ("us.anthropic.claude-opus-4-7", False),
        ("us.anthropic.claude-opus-4-8-20270101-v1:0", False),
        ("global.anthropic.claude-fable-5-v1", False),
        ("us.anthropic.claude-opus-5", False),
    ],
)
def test_temperature_is_refused_from_claude_opus_4_7_on(model: str, taken: bool) -> None:
    message = "The model returned the following errors: `temperature` is deprecated for this model."
    assert refused(converse_request("text", modelId=model)) == ("" if taken else message)
    without = converse_request("text", modelId=model, inferenceConfig={"maxTokens": 9})
    assert refused(without) == ""


@pytest.mark.parametrize("model", ["amazon.titan-text-lite-v1", "us.deepseek.r1-v1:0"])
def test_tools_are_refused_by_models_without_them(model: str) -> None:
    assert refused(converse_request(modelId=model)) == "This model doesn't support tool use."
    assert refused(converse_request("text", modelId=model)) == ""


@pytest.mark.parametrize("text", ["", " \n\t"])
def test_a_blank_text_is_refused(text: str) -> None:
    assert "ContentBlock object at messages.0.content.1 is blank" in refused(
        converse_request(texts=["A question", text])
    )


def test_an_unknown_model_is_refused_nothing_but_cache_points() -> None:
    request = converse_request(modelId="vendor.model-1")
    assert refused(request) == ""
    request["system"].append({"cachePoint": {"type": "default"}})
    assert "did not allow prompt caching" in refused(request)


@pytest.mark.parametrize(
    ("model", "tier", "message"),
    [
        (NOVA, "default", ""),
        (NOVA, "flex", ""),
        ("us.amazon.nova-pro-v1:0", "priority", ""),
        (NOVA, "cheapest", "service tier provided is invalid"),
        (HAIKU, "default", ""),
        (HAIKU, "flex", "service tier provided is invalid"),
        (NOVA, "reserved", "Reservation not found."),
    ],
)
def test_a_service_tier_that_a_model_lacks_is_refused(model: str, tier: str, message: str) -> None:
    assert refused(converse_request(modelId=model, serviceTier={"type": tier})) == message


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (HAIKU, ""),
        ("us.anthropic.claude-opus-4-5-20251101-v1:0", ""),
        (NOVA, "Extended TTL prompt caching is only supported for Anthropic models"),
        ("us.anthropic.claude-opus-4-1-20250805-v1:0", "Extra inputs are not permitted"),
        ("vendor.model-1", "did not allow prompt caching"),
    ],
)
def test_an_hour_in_the_prompt_cache_is_refused_by_models_that_keep_none(model: str, words: str) -> None:
    for ttl in ("5m", "1h"):
        request = converse_request("text", modelId=model, inferenceConfig={"maxTokens": 9})
        request["system"].append({"cachePoint": {"type": "default", "ttl": ttl}})
        expected = words if ttl == "1h" or model.startswith("vendor") else ""
        assert expected in refused(request)
        assert bool(refused(request)) == bool(expected)


@pytest.mark.parametrize(
    ("metadata", "taken"),
    [
        ({"job": "J17"}, True),
        ({f"k{n}": "" for n in range(16)}, True),
        ({f"k{n}": "" for n in range(17)}, False),
        ({}, False),
        ({"": "x"}, False),
        ({"job": "J(17)"}, False),
        ({"job": "x" * 257}, False),
        ({"job": 17}, False),
        ("job=J17", False),
    ],
)
def test_metadata_beyond_their_bounds_are_refused(metadata: Any, taken: bool) -> None:
    words = refused(converse_request(requestMetadata=metadata))
    assert (words == "") is taken
    assert taken or "'requestMetadata' failed to satisfy constraint" in words


@pytest.mark.parametrize(
    "part",
    ["serviceTier", "requestMetadata", "toolConfig", "inferenceConfig", "messages", "system", "outputConfig"],
)
@pytest.mark.parametrize("value", [None, 7, "x", [], {}, [None], [{"content": 5}], {"tools": [5, None]}])
def test_a_part_of_any_type_is_read(part: str, value: Any) -> None:
    refusal(NOVA, {part: value})


def test_a_refusal_arrives_with_its_code_and_status(serving: Serve, connect: Connect) -> None:
    client = connect(serving())
    with pytest.raises(client.exceptions.ValidationException, match="extraneous key"):
        client.converse(**with_schema(SCHEMA))
    request = converse_request(modelId="vendor.model-1")
    request["system"].append({"cachePoint": {"type": "default"}})
    with pytest.raises(client.exceptions.AccessDeniedException) as caught:
        client.converse(**request)
    assert isinstance(caught.value, ClientError)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize(
    "definition",
    ["contract-review", "instruction-following", "rag-faithfulness", "reasoning", "summarization"],
)
def test_what_the_reward_function_sends_is_taken(definition: str, tier: str) -> None:
    spec = load_definition(definition).judge
    assert spec is not None
    answer = '{"comments": [{"type": "risk", "text_excerpt": "a", "recommended_action": "b"}]}'
    question = build_question(rollout(answer, prompt="A question?"), spec)
    request = our_request(question, profile(tier, spec.structure), cached=True)
    assert refused(request) == ""
