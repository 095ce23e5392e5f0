"""The stand-in's prompt cache: what it takes, what it refuses, and the tokens that it reports."""

import http.client
import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from rewardctl.emulate.judge.material import read_material
from rewardctl.emulate.prefixes import MAX_PREFIXES, Prefixes, key_of
from rewardctl.emulate.request import FIVE_MINUTES_S, ConverseRequest, Form, InvalidRequestError, read_request
from rewardctl.emulate.service import Service
from rewardctl.emulate.settings import EmulatorSettings
from tests.emulate.conftest import Connect, Serve
from tests.emulate.material import TOOL_SCHEMA, converse_request, prompt

MODEL = "us.amazon.nova-2-lite-v1:0"
LONG = prompt(documents=[("target_contract", "word " * 1_000)])
"""Some 5,000 characters and more: above the 1,024 tokens that Nova needs."""
POINT = {"cachePoint": {"type": "default"}}


CLAUDE = "us.anthropic.claude-haiku-4-5-20251001-v1:0"
LONGER = prompt(documents=[("target_contract", "word " * 4_000)])
"""Some 20,000 characters: above the 4,096 tokens that Claude Haiku 4.5 needs."""


def with_point(
    texts: list[str], model: str = MODEL, point: Any = POINT, schema: Any = TOOL_SCHEMA
) -> dict[str, Any]:
    request = converse_request(texts=texts)
    request["modelId"] = model
    request["messages"][0]["content"].insert(1, point)
    request["toolConfig"]["tools"][0]["toolSpec"]["inputSchema"]["json"] = schema
    return request


def prefix_tokens(texts: list[str], schema: Any = TOOL_SCHEMA) -> int:
    """Four characters a token: the tool without spaces in its JSON, the system's text, the first block."""
    tool = {"name": "record_verdicts", "inputSchema": {"json": schema}}
    return len(json.dumps(tool, separators=(",", ":")) + "You are an examiner." + texts[0]) // 4


def tokens(response: Any) -> tuple[int, int]:
    usage = response["usage"]
    return usage["cacheReadInputTokens"], usage["cacheWriteInputTokens"]


def test_the_first_call_writes_the_prefix_and_the_next_one_reads_it(serving: Serve, connect: Connect) -> None:
    client = connect(serving())
    first = client.converse(**with_point(LONG))
    second = client.converse(**with_point([LONG[0], prompt(response="Another.")[1]]))
    prefix = prefix_tokens(LONG)
    assert (tokens(first), tokens(second)) == ((0, prefix), (prefix, 0))
    usage = first["usage"]
    assert usage["totalTokens"] == usage["inputTokens"] + prefix + usage["outputTokens"]
    assert usage["inputTokens"] < prefix, "cached tokens are not counted twice"


def test_the_stats_add_them_up(serving: Serve, connect: Connect) -> None:
    url = serving()
    client = connect(url)
    for _ in range(3):
        client.converse(**with_point(LONG))
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=5)
    connection.request("GET", "/__stats")
    found = json.loads(connection.getresponse().read())
    connection.close()
    prefix = prefix_tokens(LONG)
    assert (found["cache_read_tokens"], found["cache_write_tokens"]) == (2 * prefix, prefix)


def test_a_short_prefix_and_a_call_without_a_point_cache_nothing(serving: Serve, connect: Connect) -> None:
    client = connect(serving())
    for _ in range(2):
        assert tokens(client.converse(**with_point(prompt()))) == (0, 0)
        assert tokens(client.converse(**converse_request(texts=LONG))) == (0, 0)


@pytest.mark.parametrize("model", ["openai.gpt-oss-120b-1:0", "meta.llama-9"])
def test_a_model_without_a_cache_refuses_the_point(serving: Serve, connect: Connect, model: str) -> None:
    with pytest.raises(ClientError, match="did not allow prompt caching"):
        connect(serving()).converse(**with_point(LONG, model))


def test_a_point_of_another_type_is_refused(serving: Serve, connect: Connect) -> None:
    with pytest.raises(ClientError, match="cachePoint must have the type"):
        connect(serving()).converse(**with_point(LONG, point={"cachePoint": {"type": "long"}}))


def test_more_than_four_points_are_refused(serving: Serve, connect: Connect) -> None:
    request = with_point(LONG)
    request["messages"][0]["content"] += [POINT] * 4
    with pytest.raises(ClientError, match="4 cache points"):
        connect(serving()).converse(**request)


# What stands before the point


def test_another_tool_schema_is_another_prefix(serving: Serve, connect: Connect) -> None:
    client = connect(serving())
    other = {**TOOL_SCHEMA, "required": ["items"]}
    for model, texts in ((MODEL, LONG), (CLAUDE, LONGER)):
        assert tokens(client.converse(**with_point(texts, model))) == (0, prefix_tokens(texts))
        changed = client.converse(**with_point(texts, model, schema=other))
        assert tokens(changed) == (0, prefix_tokens(texts, other)), "the tools stand before all text"
        assert tokens(client.converse(**with_point(texts, model))) == (prefix_tokens(texts), 0)


def test_the_order_of_a_schemas_keys_is_part_of_the_prefix(serving: Serve, connect: Connect) -> None:
    client = connect(serving())
    client.converse(**with_point(LONG))
    turned = dict(reversed(TOOL_SCHEMA.items()))
    assert tokens(client.converse(**with_point(LONG, schema=turned))) == (0, prefix_tokens(LONG))


@pytest.mark.parametrize("change", [{"toolConfig": {"toolChoice": {"any": {}}}}, {"system": [{"text": "Y"}]}])
def test_another_choice_of_tool_or_system_text_is_another_prefix(
    serving: Serve, connect: Connect, change: dict[str, Any]
) -> None:
    client = connect(serving())
    request = with_point(LONG)
    client.converse(**request)
    request["toolConfig"] |= change.pop("toolConfig", {})
    assert tokens(client.converse(**request | change))[0] == 0


def test_the_tools_count_towards_a_models_minimum(serving: Serve, connect: Connect) -> None:
    client = connect(serving())
    long = {**TOOL_SCHEMA, "properties": {"x": {"type": "string", "description": "y" * 5_000}}}
    assert tokens(client.converse(**with_point(prompt()))) == (0, 0)
    assert tokens(client.converse(**with_point(prompt(), schema=long))) == (0, prefix_tokens(prompt(), long))


def test_the_tools_count_as_input(serving: Serve, connect: Connect) -> None:
    client = connect(serving())

    def input_tokens(schema: Any) -> Any:
        request = with_point(prompt(), schema=schema)
        request["messages"][0]["content"].remove(POINT)
        return client.converse(**request)["usage"]["inputTokens"]

    described = {**TOOL_SCHEMA["properties"]["answer"], "description": "x" * 4_000}
    longer = {**TOOL_SCHEMA, "properties": {**TOOL_SCHEMA["properties"], "answer": described}}
    assert input_tokens(longer) - input_tokens(TOOL_SCHEMA) == pytest.approx(1_000, abs=10)


# Times


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def asked(prefix: bytes = b"p", model: str = MODEL, count: int = 2_000) -> ConverseRequest:
    return ConverseRequest(model, (), Form.TEXT, None, "", None, False, 3_000, count, prefix)


def written(prefixes: Prefixes, request: ConverseRequest) -> None:
    """A call with this prefix, from its beginning to its end."""
    prefixes.use(request)
    prefixes.end(key_of(request))


def test_siblings_at_once_all_write() -> None:
    clock = Clock()
    prefixes = Prefixes(clock)
    assert [prefixes.use(asked()) for _ in range(3)] == [(0, 2_000)] * 3
    clock.now_s += 1_000.0
    assert prefixes.use(asked()) == (0, 2_000), "none of them has ended, however long that took"
    prefixes.end(key_of(asked()))
    assert prefixes.use(asked()) == (2_000, 0), "at the very moment at which the first one ends"


def test_a_prefix_lives_five_minutes_from_its_last_use() -> None:
    clock = Clock()
    prefixes = Prefixes(clock)
    written(prefixes, asked())
    for _ in range(3):
        clock.now_s += FIVE_MINUTES_S - 1
        assert prefixes.use(asked()) == (2_000, 0)
    clock.now_s += FIVE_MINUTES_S
    assert prefixes.use(asked()) == (0, 2_000)


def test_models_do_not_share_and_the_shortest_prefix_is_the_models() -> None:
    prefixes = Prefixes(Clock())
    written(prefixes, asked())
    assert prefixes.use(asked(model="us.amazon.nova-pro-v1:0")) == (0, 2_000)
    assert prefixes.use(asked(model=CLAUDE)) == (0, 0)  # 2,000 is under its 4,096
    assert prefixes.use(asked(model=CLAUDE, count=4_096)) == (0, 4_096)


def test_only_so_many_prefixes_are_remembered() -> None:
    prefixes = Prefixes(Clock())
    for n in range(MAX_PREFIXES + 1):
        written(prefixes, asked(str(n).encode()))
    assert prefixes.use(asked(b"0")) == (0, 2_000)
    assert prefixes.use(asked(str(MAX_PREFIXES).encode())) == (2_000, 0)


def test_an_answers_prefix_can_be_read_when_its_call_has_ended_and_not_before() -> None:
    clock = Clock()
    service = Service(EmulatorSettings(latency_s=1.0), clock)
    request = with_point(LONG)
    del request["modelId"]
    data = json.dumps(request).encode()
    first, second = service.answer(MODEL, data), service.answer(MODEL, data)
    clock.now_s += 1.0  # both answers are due, neither has been sent
    third = service.answer(MODEL, data)
    service.end(first)
    fourth = service.answer(MODEL, data)
    assert [answer.cache_read_tokens > 0 for answer in (first, second, third, fourth)] == [False] * 3 + [True]


def test_a_call_that_follows_an_answer_finds_its_prefix_however_busy_the_machine(
    serving: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = iter([0.2])

    def read_slowly(texts: Any) -> Any:
        time.sleep(next(slow, 0.0))  # the answer is due 0.1 s after its call arrived, and decided later
        return read_material(texts)

    monkeypatch.setattr("rewardctl.emulate.service.read_material", read_slowly)
    client = connect(serving(latency_s=0.1))
    first = client.converse(**with_point(LONG))
    second = client.converse(**with_point([LONG[0], prompt(response="Another.")[1]]))
    assert (tokens(first)[0], tokens(second)[0]) == (0, prefix_tokens(LONG))


@pytest.mark.parametrize(("ttl", "kept_s"), [(None, 300.0), ("5m", 300.0), ("1h", 3600.0)])
def test_a_cache_point_says_how_long_its_prefix_is_kept(ttl: str | None, kept_s: float) -> None:
    point = {"type": "default"} | ({"ttl": ttl} if ttl else {})
    request = read_request(CLAUDE, json.dumps(with_point(LONGER, CLAUDE, {"cachePoint": point})).encode())
    clock = Clock()
    prefixes = Prefixes(clock)
    written(prefixes, request)
    clock.now_s += kept_s - 1
    assert prefixes.use(request) == (request.prefix_tokens, 0)
    clock.now_s += kept_s
    assert prefixes.use(request) == (0, request.prefix_tokens)


@pytest.mark.parametrize("ttl", ["2h", 300, []])
def test_another_time_to_live_is_refused(ttl: Any) -> None:
    point = {"cachePoint": {"type": "default", "ttl": ttl}}
    with pytest.raises(InvalidRequestError, match="a ttl of 5m or 1h"):
        read_request(CLAUDE, json.dumps(with_point(LONGER, CLAUDE, point)).encode())
