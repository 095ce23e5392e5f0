"""A group of eight through the whole function: the tokens that its calls write to and read from the cache."""

import http.client
import json
import threading
from functools import partial
from typing import Any

import pytest

from reward_fn import handler
from reward_fn.definition.load import load_definition
from reward_fn.judge.base import Model
from reward_fn.judge.call.prefix_leader import PrefixLeaders
from reward_fn.judge.models.catalogue import profile
from reward_fn.judge.providers.bedrock.converse import converse_request
from reward_fn.types.rollout import Rollout
from rewardctl.emulate.request import read_request
from rewardctl.emulate.stats import Stats
from tests.emulate.conftest import Held, Serve
from tests.factory import build_question, rollout, row
from tests.fresh import fresh_handler

NOVA, CLAUDE = "medium", "medium-claude"
PROMPT = "Say in a few words what stands here. " + "The lamp is on the table. " * 800
"""Some 21,000 characters: above the 4,096 tokens that Claude Haiku 4.5 needs."""
GROUP = [row(f"A lamp stands on a table, that is number {n}.", id=f"{n}", prompt=PROMPT) for n in range(8)]

CLAUSE = "The supplier may raise every price at any time and without giving notice to the customer"
CONTRACT = "\n".join(f"{n}. {CLAUSE} in year {n}." for n in range(1, 201))
COMMENTS = [
    {
        "type": "risk",
        "text_excerpt": f"{CLAUSE} in year {n}.",
        "recommended_action": f"Ask for ninety days of notice in year {n}, and for a cap of three per cent.",
    }
    for n in range(1, 9)
]


def prefix_tokens(definition: str, answer: Rollout, model: Model) -> int:
    """What stands before the cache point of the call about ``answer``, as the stand-in counts it."""
    spec = load_definition(definition).judge
    assert spec is not None
    request = converse_request(build_question(answer, spec), model, cached=True)
    del request["modelId"]
    return read_request(model.model_id, json.dumps(request).encode()).prefix_tokens


def judged(monkeypatch: pytest.MonkeyPatch, serving: Serve, group: list[Any], **settings: str) -> Stats:
    """The stand-in's stats after one batch. An answer takes 0.1 s: calls that are not led overlap."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test-key-id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test-secret-key")
    # The first call's end alone releases the others, however long it takes on a busy machine.
    monkeypatch.setattr(
        "reward_fn.judge.call.fanout.PrefixLeaders", partial(PrefixLeaders, wait_s=threading.TIMEOUT_MAX)
    )
    url = serving(latency_s=0.1)
    fresh_handler(monkeypatch, AWS_ENDPOINT_URL_BEDROCK_RUNTIME=url, **settings)
    answer = handler.lambda_handler(group, {})
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
    connection.request("GET", "/__stats")
    stats = Stats(**json.loads(connection.getresponse().read()))
    connection.close()
    assert [each["id"] for each in answer] == [each["id"] for each in group]
    assert stats.outcomes == {"served": len(group)}
    return stats


@pytest.mark.parametrize(
    ("model", "way", "read", "written"),
    [
        (NOVA, "lead", 7, 1),
        (CLAUDE, "lead", 7, 1),
        (NOVA, "free", 0, 8),
        (CLAUDE, "free", 0, 0),  # Claude charges for what is written
        (NOVA, "off", 0, 0),
    ],
)
def test_a_group_of_eight(
    model: str,
    way: str,
    read: int,
    written: int,
    serving: Serve,
    held: Held,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chosen = {"REWARD_DEFINITION": "instruction-following", "PROMPT_CACHE": way, "JUDGE_MODEL": model}
    if way == "free":
        held(len(GROUP))
    stats = judged(monkeypatch, serving, GROUP, **chosen)
    prefix = prefix_tokens("instruction-following", rollout("A", prompt=PROMPT), profile(model))
    assert prefix > 4096
    assert (stats.cache_read_tokens, stats.cache_write_tokens) == (read * prefix, written * prefix)


def contract_row(comments: int) -> dict[str, Any]:
    """A rollout of contract-review with so many comments; eight of them are a group."""
    material = {"target_document": CONTRACT, "reference": "Prices rise by three per cent a year at most."}
    text = json.dumps({"comments": COMMENTS[:comments]})
    return row(text, id=f"{comments}", prompt="Review the contract.", reference_answer=material)


def test_siblings_with_differing_numbers_of_items_read_one_prefix(
    serving: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = [contract_row(comments) for comments in range(1, 9)]
    chosen = {"REWARD_DEFINITION": "contract-review", "PROMPT_CACHE": "lead", "JUDGE_MODEL": CLAUDE}
    stats = judged(monkeypatch, serving, group, **chosen)
    assert stats.cache_write_tokens > 4096
    assert stats.cache_read_tokens == 7 * stats.cache_write_tokens
