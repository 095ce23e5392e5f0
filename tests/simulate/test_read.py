"""Stored answers from runs and from files of solutions, and what is refused."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from rewardctl.simulate.stored.answers import StoredError
from rewardctl.simulate.stored.read import read_source


def record(name: str, reward: float, **others: Any) -> dict[str, Any]:
    """A record of a scored rollout; rollouts of one letter share a prompt."""
    messages = [{"role": "user", "content": "?"}, {"role": "assistant", "content": "A: 4"}]
    row = {
        "id": name,
        "messages": messages,
        "reference_answer": None,
        "metadata": {"is_correct": reward > 0.6},
    }
    return {"trace": 1, "id": name, "group": name[0], "reward": reward, "imputed": False, "row": row,
            "definition": "mine", "metrics": []} | others  # fmt: skip


def write(path: Path, *lines: Mapping[str, Any]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


@pytest.fixture
def run(tmp_path: Path) -> Path:
    lines = [record("a1", 1.0), record("a2", 0.5), record("b1", 0.25), record("b2", 0.5, imputed=True)]
    return write(tmp_path / "run.jsonl", *lines)


def test_the_truth_is_found_at_a_path_of_the_row(run: Path) -> None:
    source = read_source(run, "metadata.is_correct")
    assert source.answers.truth.tolist() == [[1.0, 0.0], [0.0, 0.0]]
    assert source.answers.reward.tolist() == [[1.0, 0.5], [0.25, 0.0]]
    assert source.answers.unscored.tolist() == [[False, False], [False, True]]
    assert source.has_truth


def test_the_truth_may_be_another_run(run: Path, tmp_path: Path) -> None:
    truth = write(tmp_path / "truth.jsonl", *(record(name, 0.75) for name in ("a1", "a2", "b1", "b2")))
    assert read_source(run, str(truth)).answers.truth.tolist() == [[0.75, 0.75], [0.75, 0.75]]


def test_without_a_truth_the_rewards_count_and_unscored_answers_are_left_out(run: Path) -> None:
    source = read_source(run, None)
    assert source.answers.truth.tolist() == [[1.0, 0.5]]
    assert (source.has_truth, source.answers.left_out) == (False, 1)


def test_a_path_without_a_value_is_named(run: Path) -> None:
    with pytest.raises(StoredError, match=r"no record of .* has the truth under metadata\.wrong"):
        read_source(run, "metadata.wrong")


def test_solutions_are_scored_by_the_shipped_definition(tmp_path: Path) -> None:
    solutions = [{"system": "a", "solution": "A: 4", "is_correct": True},
                 {"system": "b", "solution": "A: 5", "is_correct": False}]  # fmt: skip
    line = {"question": "2 + 2?", "ground_truth": "A: 4", "solutions": solutions}
    source = read_source(write(tmp_path / "solutions.jsonl", line), None)
    assert (source.definition, source.is_math) == ("math-answer", True)
    assert source.answers.reward.tolist() == source.answers.truth.tolist() == [[1.0, 0.0]]


def test_a_broken_solution_is_named_by_its_line(tmp_path: Path) -> None:
    line = {"question": "?", "ground_truth": "A: 4", "solutions": [{"solution": "A: 4"}]}
    with pytest.raises(StoredError, match=r"line 1: not a question with solutions"):
        read_source(write(tmp_path / "solutions.jsonl", line), None)


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoredError, match=r"line 1 is not a trace"):
        read_source(write(tmp_path / "other.jsonl", {"a": 1}), None)
