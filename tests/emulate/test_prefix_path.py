"""A group of eight through the whole function: what its judge's prompt cache is made to do."""

import json
from functools import partial
from typing import Any

import pytest

from reward_fn import handler
from reward_fn.definition.load import load_definition
from reward_fn.judge.ask.prompt import build_question
from reward_fn.judge.call.prefix_leader import PrefixLeaders
from reward_fn.judge.models.catalogue import ModelProfile, profile
from reward_fn.judge.providers.bedrock.converse import converse_request
from reward_fn.types.rollout import Rollout
from rewardctl.emulate import Emulator, EmulatorSettings
from rewardctl.emulate.request import read_request
from tests.factory import rollout, row
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


def prefix_tokens(definition: str, answer: Rollout, model: ModelProfile) -> int:
    """What stands before the cache point of the call about ``answer``, as the stand-in counts it."""
    spec = load_definition(definition).judge
    assert spec is not None
    request = converse_request(build_question(answer, spec), model, cached=True)
    del request["modelId"]
    return read_request(model.model_id, json.dumps(request).encode()).prefix_tokens


def judged(monkeypatch: pytest.MonkeyPatch, group: list[Any], latency_s: float, **settings: str) -> Any:
    """The stand-in's stats after one batch."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test-key-id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test-secret-key")
    # On a busy machine the first call may take longer than those that follow would wait.
    monkeypatch.setattr("reward_fn.judge.call.fanout.PrefixLeaders", partial(PrefixLeaders, wait_s=60.0))
    with Emulator(EmulatorSettings(latency_s=latency_s)) as emulator:
        fresh_handler(monkeypatch, AWS_ENDPOINT_URL_BEDROCK_RUNTIME=emulator.url, **settings)
        answer = handler.lambda_handler(group, {})
        stats = emulator.stats()
    assert [each["id"] for each in answer] == [each["id"] for each in group]
    assert stats.outcomes == {"served": len(group)}
    return stats


@pytest.mark.parametrize(
    ("model", "way", "latency_s", "read", "written"),
    [
        (NOVA, "lead", 0.1, 7, 1),
        (CLAUDE, "lead", 0.1, 7, 1),
        (NOVA, "free", 3.0, 0, 8),  # all eight must begin before the first one ends, on a busy machine too
        (CLAUDE, "free", 0.0, 0, 0),  # Claude charges for what is written
        (NOVA, "off", 0.0, 0, 0),
    ],
)
def test_a_group_of_eight(
    model: str, way: str, latency_s: float, read: int, written: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = {"REWARD_DEFINITION": "instruction-following", "PROMPT_CACHE": way, "JUDGE_MODEL": model}
    stats = judged(monkeypatch, GROUP, latency_s, **chosen)
    prefix = prefix_tokens("instruction-following", rollout("A", prompt=PROMPT), profile(model))
    assert prefix > 4096
    assert (stats.cache_read_tokens, stats.cache_write_tokens) == (read * prefix, written * prefix)


def contract_row(comments: int) -> dict[str, Any]:
    """A rollout of contract-review with so many comments; eight of them are a group."""
    material = {"target_document": CONTRACT, "reference": "Prices rise by three per cent a year at most."}
    text = json.dumps({"comments": COMMENTS[:comments]})
    return row(text, id=f"{comments}", prompt="Review the contract.", reference_answer=material)


def test_siblings_with_differing_numbers_of_items_read_one_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    group = [contract_row(comments) for comments in range(1, 9)]
    chosen = {"REWARD_DEFINITION": "contract-review", "PROMPT_CACHE": "lead", "JUDGE_MODEL": CLAUDE}
    stats = judged(monkeypatch, group, 0.1, **chosen)
    assert stats.cache_write_tokens > 4096
    assert stats.cache_read_tokens == 7 * stats.cache_write_tokens
