"""The function with a table of verdicts: another environment pays nothing, a broken table changes nothing."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from reward_fn import handler
from reward_fn.judge.call import fanout
from rewardctl.emulate import Emulator
from tests.factory import ROOT, row
from tests.fresh import fresh_handler
from tests.stores.conftest import KEYS
from tests.stores.function import in_process, metrics
from tests.stores.table_server import TableServer

BATCH = [row(f"Because {n} is more than enough of it all.", id=f"r{n}", prompt="Why?") for n in range(5)]


@pytest.fixture
def emulator(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """A judge on loopback, which the function asks."""
    with Emulator() as serving:
        monkeypatch.setenv("REWARD_DEFINITION", "instruction-following")
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", serving.url)
        yield serving


def test_another_environment_pays_nothing_for_a_batch_that_comes_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], emulator: Emulator
) -> None:
    with TableServer() as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", server.url)
        with in_process(monkeypatch, {"VERDICT_TABLE": "verdicts"}) as api:
            first = api.invoke(BATCH)
        assert emulator.stats().calls == len(server.items) == 5
        capsys.readouterr()
        with in_process(monkeypatch, {"VERDICT_TABLE": "verdicts"}) as api:
            assert api.invoke(BATCH) == first
        assert emulator.stats().calls == 5
    counts = metrics(capsys.readouterr().out)
    assert (counts["VerdictCacheHits"], counts["VerdictCacheMisses"]) == (5, 0)
    assert (counts["VerdictCacheErrors"], counts["JudgeCalls"]) == (0, 0)


@pytest.mark.parametrize("fault", ["hangs", "fails", "garbage"])
def test_a_broken_table_changes_no_answer_and_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], emulator: Emulator, fault: str
) -> None:
    """A table that hangs never answers: an answer that waited for it would never come."""
    broken = (500, b"{}") if fault == "fails" else (200, b"\x00")
    fresh_handler(monkeypatch)
    expected = handler.lambda_handler(BATCH, {})
    with TableServer() as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", server.url)
        with in_process(monkeypatch, {"VERDICT_TABLE": "verdicts"}) as api:
            server.hangs, server.answer = fault == "hangs", lambda *_: broken
            if fault == "hangs":
                monkeypatch.setattr(fanout, "LOOK_UP_S", 0.05)
            capsys.readouterr()
            assert api.invoke(BATCH) == expected
            server.wait_until_asked(2)
            assert server.asked == ["BatchGetItem"] * 2, "in the initialisation phase, and for the batch"
    assert metrics(capsys.readouterr().out)["VerdictCacheErrors"] == 1


def test_without_a_table_dynamodbs_client_is_never_made() -> None:
    """Its import and its model cost a cold start; the function must not pay for what it does not use."""
    code = """
import sys, botocore.session
made = []
create = botocore.session.Session.create_client
def noted(self, name, *a, **k):
    made.append(name)
    return create(self, name, *a, **k)
botocore.session.Session.create_client = noted
from reward_fn import handler
handler.lambda_handler([], {})
print(made, "reward_fn.aws.verdict_table" in sys.modules)
"""
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "VERDICT_", "REWARD_"))}
    environ |= {**KEYS, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.splitlines()[-1] == "['bedrock-runtime'] False"
