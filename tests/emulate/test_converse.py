"""boto3's client runs unmodified against the stand-in, in each form that an answer can be asked for."""

import http.client
import json
import socket
import time
from typing import Any
from urllib.parse import quote

import botocore.loaders
import jsonschema
import pytest
from botocore.exceptions import ClientError
from botocore.model import ListShape, ServiceModel, Shape, StructureShape

from tests.emulate.conftest import Connect, Serve
from tests.emulate.material import EXPECTED, MODELS, SCHEMA, body, converse_request, verdicts


def post(url: str, path: str, data: bytes) -> tuple[int, dict[str, str], Any]:
    """Status, headers in lower case and the body's JSON."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=5)
    connection.request("POST", path, data, {"Content-Type": "application/json"})
    response = connection.getresponse()
    headers = {name.lower(): value for name, value in response.getheaders()}
    value = json.loads(response.read())
    connection.close()
    return response.status, headers, value


def test_a_forced_tool_gets_a_complete_tool_use_block(serving: Serve, connect: Connect) -> None:
    response = connect(serving()).converse(**converse_request("tool"))
    [block] = response["output"]["message"]["content"]
    assert response["stopReason"] == "tool_use"
    assert block["toolUse"]["name"] == "record_verdicts"
    assert block["toolUse"]["toolUseId"]
    jsonschema.validate(block["toolUse"]["input"], SCHEMA)
    assert verdicts(block["toolUse"]["input"]) == EXPECTED


@pytest.mark.parametrize("form", ["json_schema", "text"])
def test_a_schema_and_plain_words_get_json_as_text(serving: Serve, connect: Connect, form: str) -> None:
    response = connect(serving()).converse(**converse_request(form))
    [block] = response["output"]["message"]["content"]
    assert response["stopReason"] == "end_turn"
    value = json.loads(block["text"])
    jsonschema.validate(value, SCHEMA)
    assert verdicts(value) == EXPECTED


def test_usage_and_latency_are_there_and_add_up(serving: Serve, connect: Connect) -> None:
    response = connect(serving(latency_s=0.05)).converse(**converse_request())
    usage = response["usage"]
    # The estimate is a token for four characters; boto3's body may differ from ours in white space only.
    assert usage["inputTokens"] == pytest.approx(len(body()) / 4, rel=0.05)
    assert usage["outputTokens"] > 50
    assert usage["totalTokens"] == usage["inputTokens"] + usage["outputTokens"]
    assert response["metrics"]["latencyMs"] == 50


@pytest.mark.parametrize("form", ["tool", "json_schema", "text"])
def test_every_reply_fits_the_service_model(serving: Serve, form: str) -> None:
    url = serving(reasoning=True)
    path = f"/model/{quote(MODELS[form], safe='')}/converse"
    status, headers, value = post(url, path, body(form))
    assert status == 200
    assert headers["content-type"] == "application/json"
    assert headers["x-amzn-requestid"]
    assert misfits(converse_output(), value) == []


def converse_output() -> Shape:
    """The shape of Converse's reply in botocore's own description of the service."""
    description = botocore.loaders.Loader().load_service_model("bedrock-runtime", "service-2")
    shape = ServiceModel(description).operation_model("Converse").output_shape
    assert shape
    return shape


def misfits(shape: Shape, value: Any, path: str = "$") -> list[str]:
    """Where a JSON value departs from a shape: unknown or missing members, wrong types, off the enum."""
    if isinstance(shape, StructureShape):
        if shape.metadata.get("document"):
            return []
        unknown = [f"{path}.{key} is unknown" for key in value if key not in shape.members]
        missing = [f"{path}.{key} is missing" for key in shape.required_members if key not in value]
        union = [f"{path} is no union"] if shape.is_tagged_union and len(value) != 1 else []
        below = [
            (shape.members[key], part, f"{path}.{key}") for key, part in value.items() if key in shape.members
        ]
        return unknown + missing + union + [text for each in below for text in misfits(*each)]
    if isinstance(shape, ListShape):
        return [text for i, part in enumerate(value) for text in misfits(shape.member, part, f"{path}[{i}]")]
    kinds = {"string": str, "integer": int, "long": int}
    fits = isinstance(value, kinds[shape.type_name]) and value in (shape.metadata.get("enum") or [value])
    return [] if fits else [f"{path} is {value!r}"]


def test_the_service_model_check_finds_what_does_not_fit() -> None:
    found = misfits(converse_output(), {"stopReason": "bored", "extra": 1, "metrics": {"latencyMs": "1"}})
    # stopReason off its enum, extra unknown, output and usage missing, latencyMs no number.
    assert len(found) == 5


@pytest.mark.parametrize(
    ("settings", "more"),
    [
        ({"reasoning": True}, {}),
        (
            {},
            {
                "additionalModelRequestFields": {
                    "reasoningConfig": {"type": "enabled", "maxReasoningEffort": "low"}
                }
            },
        ),
    ],
)
def test_a_reasoning_block_comes_first_where_it_is_asked_for(
    serving: Serve, connect: Connect, settings: dict[str, Any], more: dict[str, Any]
) -> None:
    response = connect(serving(**settings)).converse(**converse_request(**more))
    first, second = response["output"]["message"]["content"]
    assert first["reasoningContent"]["reasoningText"]["text"]
    assert verdicts(second["toolUse"]["input"]) == EXPECTED


def test_nova_2_at_high_effort_refuses_sampling_settings(serving: Serve, connect: Connect) -> None:
    high = {"reasoningConfig": {"type": "enabled", "maxReasoningEffort": "high"}}
    client = connect(serving())
    with pytest.raises(ClientError, match="temperature, maxTokens must be unset") as caught:
        client.converse(**converse_request(additionalModelRequestFields=high))
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    without = converse_request(additionalModelRequestFields=high, inferenceConfig={})
    assert client.converse(**without)["stopReason"] == "tool_use"


def test_the_reply_header_says_what_the_judge_is(serving: Serve) -> None:
    _, headers, _ = post(serving(), "/model/m/converse", body())
    assert headers["x-rewardctl-judge"] == "lexical overlap: good for trying things out, not for training"


def test_model_ids_arrive_decoded(serving: Serve, connect: Connect) -> None:
    url = serving()
    arn = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-2-lite-v1:0"
    connect(url).converse(**converse_request(modelId=arn))
    connect(url).converse(**converse_request())
    assert stats(url)["models"] == {arn: 1, "us.amazon.nova-2-lite-v1:0": 1}


def stats(url: str) -> Any:
    """What the server counted."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=5)
    connection.request("GET", "/__stats")
    value = json.loads(connection.getresponse().read())
    connection.close()
    return value


def test_a_limit_on_tokens_that_is_too_small_cuts_the_answer(serving: Serve, connect: Connect) -> None:
    url = serving()
    request = converse_request("text", inferenceConfig={"maxTokens": 20})
    response = connect(url).converse(**request)
    assert response["stopReason"] == "max_tokens"
    # 20 tokens of four characters.
    assert len(response["output"]["message"]["content"][0]["text"]) == 80
    assert stats(url)["outcomes"] == {"over_max_tokens": 1}


def test_a_request_without_anything_to_judge_is_told_so(serving: Serve, connect: Connect) -> None:
    response = connect(serving()).converse(**converse_request("text", ["Good morning!"]))
    assert "only gives verdicts" in response["output"]["message"]["content"][0]["text"]
    assert response["stopReason"] == "end_turn"


def test_a_prompt_beyond_the_context_is_an_overflow(serving: Serve, connect: Connect) -> None:
    client = connect(serving(max_input_tokens=2000))
    with pytest.raises(client.exceptions.ValidationException, match="Input Tokens Exceeded"):
        client.converse(**converse_request(texts=["word " * 2000]))
    assert client.converse(**converse_request())["stopReason"] == "tool_use"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"messages": []}, "at least one message"),
        ({"messages": [{"role": "assistant", "content": [{"text": "A"}]}]}, "start with a user message"),
        ({"messages": [{"role": "user", "content": "A"}]}, "list of content blocks"),
        ({"messages": [{"role": "system", "content": [{"text": "A"}]}]}, "role user or assistant"),
        ({"toolConfig": {"tools": [{"systemTool": {"name": "x"}}]}}, "must hold a toolSpec"),
        ({"toolConfig": 7}, "toolConfig must be an object"),
        ({"inferenceConfig": {"maxTokens": 0}}, "at least 1"),
        ({"outputConfig": {"textFormat": {"type": "json_schema"}}, "toolConfig": None}, "no JSON Schema"),
    ],
)
def test_what_the_service_would_not_take_is_a_validation_error(
    serving: Serve, change: dict[str, Any], message: str
) -> None:
    url = serving()
    status, headers, value = post(url, "/model/m/converse", body(**change))
    assert (status, headers["x-amzn-errortype"]) == (400, "ValidationException")
    assert message in value["message"]
    assert stats(url)["outcomes"] == {"invalid": 1}


def test_a_tool_choice_among_other_tools_is_a_validation_error(serving: Serve, connect: Connect) -> None:
    request = converse_request()
    request["toolConfig"]["toolChoice"] = {"tool": {"name": "other"}}
    client = connect(serving())
    with pytest.raises(client.exceptions.ValidationException, match="not among the tools"):
        client.converse(**request)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 100_000])
def test_a_body_that_is_no_json_object_is_a_validation_error(serving: Serve, data: bytes) -> None:
    status, headers, _ = post(serving(), "/model/m/converse", data)
    assert (status, headers["x-amzn-errortype"]) == (400, "ValidationException")


@pytest.mark.parametrize(
    "path", ["/", "/model/m/invoke", "/model//converse", "/model/m/converse/x", "/model/m"]
)
def test_an_unknown_route_is_not_found(serving: Serve, path: str) -> None:
    status, headers, value = post(serving(), path, b"{}")
    assert (status, headers["x-amzn-errortype"]) == (404, "UnknownOperationException")
    assert value["message"]


def test_an_operation_the_stand_in_lacks_raises_a_client_error(serving: Serve, connect: Connect) -> None:
    with pytest.raises(ClientError) as caught:
        connect(serving()).invoke_model(modelId="m", body=b"{}")
    assert caught.value.response["Error"]["Code"] == "UnknownOperationException"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_a_body_of_more_than_25_mb_is_refused_unread(serving: Serve) -> None:
    connection = http.client.HTTPConnection(serving().removeprefix("http://"), timeout=5)
    connection.putrequest("POST", "/model/m/converse")
    connection.putheader("Content-Length", str(25 * 1024 * 1024 + 1))
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


def test_a_client_that_leaves_in_mid_request_harms_nobody(
    serving: Serve, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    url = serving()
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(b"POST /model/m/converse HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        until = time.monotonic() + 2
        while stats(url)["in_flight"] == 0 and time.monotonic() < until:
            time.sleep(0.01)
    while stats(url)["in_flight"] and time.monotonic() < until:
        time.sleep(0.01)
    assert stats(url)["outcomes"] == {"abandoned": 1}
    assert connect(url).converse(**converse_request())["stopReason"] == "tool_use"
    assert caplog.records == []


def test_a_body_of_unknown_length_is_refused(serving: Serve) -> None:
    connection = http.client.HTTPConnection(serving().removeprefix("http://"), timeout=5)
    connection.request("POST", "/model/m/converse", iter([b"{}"]), encode_chunked=True)
    assert connection.getresponse().status == 411
    connection.close()
