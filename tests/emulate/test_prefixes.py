"""The stand-in's prompt cache: what it takes, what it refuses, and the tokens that it reports."""

import http.client
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from rewardctl.emulate.prefixes import LIFETIME_S, MAX_PREFIXES, Prefixes
from rewardctl.emulate.request import Asked, Form
from tests.emulate.conftest import Connect, Serve
from tests.emulate.material import converse_request, prompt

MODEL = "us.amazon.nova-2-lite-v1:0"
LONG = prompt(documents=[("target_contract", "word " * 1_000)])
"""Some 5,000 characters and more: above the 1,024 tokens that Nova needs."""
POINT = {"cachePoint": {"type": "default"}}


def with_point(texts: list[str], model: str = MODEL, point: Any = POINT) -> dict[str, Any]:
    request = converse_request(texts=texts)
    request["modelId"] = model
    request["messages"][0]["content"].insert(1, point)
    return request


def tokens(response: Any) -> tuple[int, int]:
    usage = response["usage"]
    return usage["cacheReadInputTokens"], usage["cacheWriteInputTokens"]


def test_the_first_call_writes_the_prefix_and_the_next_one_reads_it(serving: Serve, connect: Connect) -> None:
    client = connect(serving())
    first = client.converse(**with_point(LONG))
    second = client.converse(**with_point([LONG[0], prompt(response="Another.")[1]]))
    prefix = len("You are an examiner." + LONG[0]) // 4
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
    prefix = len("You are an examiner." + LONG[0]) // 4
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


# Times


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def asked(prefix: bytes = b"p", model: str = MODEL, count: int = 2_000) -> Asked:
    return Asked(model, (), Form.TEXT, None, "", None, False, 3_000, count, prefix)


def test_siblings_at_once_all_write() -> None:
    clock = Clock()
    prefixes = Prefixes(clock)
    assert [prefixes.use(asked(), 1.0) for _ in range(3)] == [(0, 2_000)] * 3
    clock.now_s += 0.9
    assert prefixes.use(asked(), 1.0) == (0, 2_000), "the first one is still under way"
    clock.now_s += 0.1
    assert prefixes.use(asked(), 1.0) == (2_000, 0), "it has ended"


def test_a_prefix_lives_five_minutes_from_its_last_use() -> None:
    clock = Clock()
    prefixes = Prefixes(clock)
    prefixes.use(asked(), 0.0)
    for _ in range(3):
        clock.now_s += LIFETIME_S - 1
        assert prefixes.use(asked(), 0.0) == (2_000, 0)
    clock.now_s += LIFETIME_S
    assert prefixes.use(asked(), 0.0) == (0, 2_000)


def test_models_do_not_share_and_the_shortest_prefix_is_the_models() -> None:
    prefixes = Prefixes(Clock())
    claude = "us.anthropic.claude-haiku-4-5-20251001-v1:0"
    prefixes.use(asked(), 0.0)
    assert prefixes.use(asked(model="us.amazon.nova-pro-v1:0"), 0.0) == (0, 2_000)
    assert prefixes.use(asked(model=claude), 0.0) == (0, 0)  # 2,000 is under its 4,096
    assert prefixes.use(asked(model=claude, count=4_096), 0.0) == (0, 4_096)


def test_only_so_many_prefixes_are_remembered() -> None:
    prefixes = Prefixes(Clock())
    for n in range(MAX_PREFIXES + 1):
        prefixes.use(asked(str(n).encode()), 0.0)
    assert prefixes.use(asked(b"0"), 0.0) == (0, 2_000)
    assert prefixes.use(asked(str(MAX_PREFIXES).encode()), 0.0) == (2_000, 0)
