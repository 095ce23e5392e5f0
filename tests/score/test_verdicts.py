"""The verdicts of a run in SQLite: shared, durable, and damaged."""

import sqlite3
import threading
from pathlib import Path

import pytest

from reward_fn.judge.base import Model, Question, Reply
from reward_fn.judge.models.catalogue import profile
from reward_fn.types.verdict import Verdict
from rewardctl.runs.folder import RunError, open_verdicts
from rewardctl.runs.verdicts import RunVerdicts
from tests import factory
from tests.unit import rubric

MODEL: Model = profile("medium")


def question(response: str = "A") -> Question:
    return factory.build_question(factory.rollout(response), rubric.judge_spec(rubric.criterion("Clear")))


def test_a_verdict_comes_back_with_its_evidence(tmp_path: Path) -> None:
    asked = question()
    kept = {leaf: Verdict("yes", "as it says", share=0.5) for leaf in asked.leaves}
    with open_verdicts(tmp_path) as store:
        batch = store.of_batch()
        batch.keep(batch.key(asked, MODEL, 0), asked.leaves, kept)
    with open_verdicts(tmp_path) as store:
        batch = store.of_batch()
        assert batch.find(batch.key(asked, MODEL, 0), asked.leaves) == kept
        assert batch.find(batch.key(asked, MODEL, 1), asked.leaves) is None
        assert batch.find(batch.key(question("B"), MODEL, 0), asked.leaves) is None
        assert (batch.end().hits, batch.end().misses) == (1, 2)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '[["maybe","",false,null]]', '[["yes",1,false,null]]', '[["yes","",0,null]]']
)
def test_a_damaged_verdict_is_asked_again(tmp_path: Path, text: str) -> None:
    asked = question()
    with open_verdicts(tmp_path) as store:
        batch = store.of_batch()
        key = batch.key(asked, MODEL, 0)
        store.put(key, text)
        assert batch.find(key, asked.leaves) is None


def test_calls_are_counted_from_many_threads_and_openings(tmp_path: Path) -> None:
    reply = Reply({}, input_tokens=1_000, output_tokens=100)

    def count(store: RunVerdicts) -> None:
        for _ in range(50):
            store.count(MODEL.name, reply=reply)
        store.count(MODEL.name, failed=1)

    with open_verdicts(tmp_path) as one, open_verdicts(tmp_path) as other:
        threads = [threading.Thread(target=count, args=(store,)) for store in (one, other, one, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    with open_verdicts(tmp_path, read_only=True) as store:
        spent = store.spent()
    assert (spent.calls, spent.failed) == (204, 4)
    assert (spent.input_tokens, spent.output_tokens) == (200_000, 20_000)


def test_ids_are_remembered_with_their_first_line(tmp_path: Path) -> None:
    with open_verdicts(tmp_path) as store:
        assert store.repeated([(1, 11), (2, 22)]) == ()
        assert store.repeated([(3, 11), (4, 33), (5, 33)]) == ((3, 1), (5, 4))
        assert store.repeated([(1, 11), (2, 22)]) == ()  # the batch again, after a kill
        store.forget_ids()
        assert store.repeated([(9, 11)]) == ()


def test_what_is_not_sqlite_is_named(tmp_path: Path) -> None:
    (tmp_path / "verdicts.sqlite").write_bytes(b"this is no database, it only lies here" * 50)
    with pytest.raises(RunError, match=r"verdicts\.sqlite can't be used"):
        open_verdicts(tmp_path)


def test_a_replay_changes_nothing(tmp_path: Path) -> None:
    with open_verdicts(tmp_path) as store:
        store.put("key", "[]")
    before = (tmp_path / "verdicts.sqlite").read_bytes()
    with open_verdicts(tmp_path, read_only=True) as store:
        store.put("key", "other")
        store.count(MODEL.name)
        assert store.get("key") == "[]"
    assert (tmp_path / "verdicts.sqlite").read_bytes() == before


def test_a_write_that_fails_is_remembered(tmp_path: Path) -> None:
    store = open_verdicts(tmp_path)
    assert store.failure == ""
    store.close()
    with pytest.raises(sqlite3.Error):
        store.put("key", "[]")
    assert store.failure
