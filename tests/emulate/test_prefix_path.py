"""A group of eight through the whole function: what its judge's prompt cache is made to do."""

import pytest

from reward_fn import handler
from reward_fn.definition import load_definition
from reward_fn.judge.prompt import build_question
from rewardctl.emulate import Emulator, EmulatorSettings
from tests.factory import rollout, row
from tests.fresh import fresh_handler

PROMPT = "Say in a few words what stands here. " + "The lamp is on the table. " * 400
GROUP = [row(f"A lamp stands on a table, that is number {n}.", id=f"{n}", prompt=PROMPT) for n in range(8)]


def prefix_tokens() -> int:
    """The stand-in counts four characters a token."""
    spec = load_definition("instruction-following").judge
    assert spec is not None
    return build_question(rollout("A", prompt=PROMPT), spec).prefix_chars // 4


@pytest.mark.parametrize(("way", "read", "written"), [("lead", 7, 1), ("free", 0, 8), ("off", 0, 0)])
def test_a_group_of_eight(way: str, read: int, written: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test-key-id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test-secret-key")
    with Emulator(EmulatorSettings(latency_s=0.5)) as emulator:
        fresh_handler(
            monkeypatch,
            REWARD_DEFINITION="instruction-following",
            PROMPT_CACHE=way,
            AWS_ENDPOINT_URL_BEDROCK_RUNTIME=emulator.url,
        )
        answer = handler.lambda_handler(GROUP, {})
        stats = emulator.stats()
    assert [each["id"] for each in answer] == [f"{n}" for n in range(8)]
    assert stats.outcomes == {"served": 8}
    prefix = prefix_tokens()
    assert prefix > 1024
    assert (stats.cache_read_tokens, stats.cache_write_tokens) == (read * prefix, written * prefix)
