"""A function with a pinned definition: what is tried again at the next invocation, and what is final."""

import hashlib
from typing import Any

import pytest

from reward_fn import handler
from reward_fn.aws import definition_store
from reward_fn.definition.load import SHIPPED
from reward_fn.errors import DefinitionStoreError
from tests.factory import row
from tests.fresh import fresh_handler
from tests.stores.store_server import StoreServer, s3_error

S3_URI = "s3://my-rewards/one.toml?versionId=abc"
MATH = (SHIPPED / "math-answer.toml").read_bytes()


def sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def answer() -> Any:
    return handler.lambda_handler([row("A: 5", reference_answer="5")], {})


def test_a_store_that_was_away_is_asked_again_and_one_that_refuses_is_not(
    store: StoreServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh_handler(monkeypatch, REWARD_DEFINITION=S3_URI, REWARD_DEFINITION_SHA256=sha256(MATH))
    store.script = [*[s3_error(503, "SlowDown")] * definition_store.ATTEMPTS, (200, MATH)]
    with pytest.raises(DefinitionStoreError, match="SlowDown"):
        answer()
    assert answer()[0]["aggregate_reward_score"] == 1.0
    asked = store.asked
    assert asked == definition_store.ATTEMPTS + 1
    assert len(answer()) == 1
    assert store.asked == asked, "what is loaded stays"


def test_a_wrong_hash_is_final(store: StoreServer, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh_handler(monkeypatch, REWARD_DEFINITION=S3_URI, REWARD_DEFINITION_SHA256=sha256(b"another"))
    store.script = [(200, MATH)]
    for _ in range(3):
        with pytest.raises(DefinitionStoreError, match=f"its sha256 is {sha256(MATH)}"):
            answer()
    assert store.asked == 1


def test_a_hash_is_checked_for_a_shipped_definition_too(monkeypatch: pytest.MonkeyPatch) -> None:
    fresh_handler(monkeypatch, REWARD_DEFINITION="math-answer", REWARD_DEFINITION_SHA256=sha256(MATH))
    assert len(answer()) == 1
    fresh_handler(monkeypatch, REWARD_DEFINITION_SHA256=sha256(b"another"))
    with pytest.raises(DefinitionStoreError, match="math-answer: its sha256 is"):
        answer()
