"""Batches of a paid judge overlap: the next one begins when the last call of the one before has begun."""

import re
import threading
from pathlib import Path
from typing import ClassVar

import pytest

from reward_fn.judge.base import Model, Question, Reply
from rewardctl.judges.stand_in import StandInJudge
from rewardctl.runs import read_records
from tests.score.contracts import contracts
from tests.score.running import score, write_rows

WORKERS = 4  # 16 rows a batch
HANG_S = 60.0


class WaitingJudge(StandInJudge):
    """The call about rollout 63, the last of the fourth batch, waits for one of the next batch."""

    begun: ClassVar[set[int]] = set()
    changed: ClassVar[threading.Condition] = threading.Condition()
    came: ClassVar[list[bool]] = []
    at_once: ClassVar[list[int]] = [0, 0]

    def __init__(self, *_: object) -> None:
        """Takes the place of a judge made from settings and models."""

    def ask(self, question: Question, model: Model, *, within_s: float | None = None) -> Reply:
        match = re.search(r"\((\d+)\)", question.variable)
        assert match
        number = int(match[1])
        with self.changed:
            self.at_once[0] += 1
            self.at_once[1] = max(self.at_once)
            self.begun.add(number)
            self.changed.notify_all()
            if number == 63:
                self.came.append(self.changed.wait_for(lambda: any(n >= 64 for n in self.begun), HANG_S))
        try:
            return super().ask(question, model, within_s=within_s)
        finally:
            with self.changed:
                self.at_once[0] -= 1


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch) -> type[WaitingJudge]:
    monkeypatch.setattr("reward_fn.judge.judges.Judges", WaitingJudge)
    monkeypatch.setattr(WaitingJudge, "begun", set())
    monkeypatch.setattr(WaitingJudge, "came", [])
    monkeypatch.setattr(WaitingJudge, "at_once", [0, 0])
    return WaitingJudge


def test_calls_of_the_next_batch_begin_before_the_last_call_of_a_batch_ends(
    judge: type[WaitingJudge], tmp_path: Path
) -> None:
    data = write_rows(tmp_path / "data.jsonl", contracts(160))
    ran = score(data, "--judge", "bedrock", "--yes", "--workers", WORKERS, "--run", tmp_path / "run")
    assert ran.code == 0
    assert judge.came == [True]
    assert judge.begun == set(range(160))
    assert judge.at_once[1] <= WORKERS
    assert [record["id"] for record in read_records(tmp_path / "run")] == [f"r-{n}" for n in range(160)]


def test_with_a_cap_one_batch_ends_before_the_next_begins(
    judge: type[WaitingJudge], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.score.test_overlap.HANG_S", 0.01)  # nothing comes, however long it waits
    data = write_rows(tmp_path / "data.jsonl", contracts(70))
    command = ("--judge", "bedrock", "--yes", "--workers", WORKERS, "--max-usd", 9)
    assert score(data, *command, "--run", tmp_path / "run").code == 0
    assert judge.came == [False]
