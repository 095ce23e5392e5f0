"""Which changes of a definition leave its questions as they are."""

from pathlib import Path

import pytest

from rewardctl.replay.rubric_marks import RubricMarks, marks_of, read_marks
from tests.replay.two_criteria import two


def marks(folder: Path, **changes: object) -> RubricMarks:
    judge = two(folder, **changes).judge  # type: ignore[arg-type]
    assert judge
    return marks_of(judge)


def test_a_weight_changes_no_question(tmp_path: Path) -> None:
    assert marks(tmp_path).changed(marks(tmp_path, weights=(5.0, 1.0))) == []


def test_the_sign_of_a_weight_changes_its_question_since_the_judge_sees_it(tmp_path: Path) -> None:
    assert marks(tmp_path).changed(marks(tmp_path, weights=(2.0, -1.0))) == ["Clear"]


def test_a_reworded_question_is_new_alone(tmp_path: Path) -> None:
    assert marks(tmp_path).changed(marks(tmp_path, right="Is it true?")) == ["Right"]


@pytest.mark.parametrize("more", ["votes = 3", "show_prompt = false", 'instructions = "Be strict."'])
def test_what_all_criteria_share_makes_all_new(more: str, tmp_path: Path) -> None:
    assert marks(tmp_path).changed(marks(tmp_path, more=more)) == ["Right", "Clear"]


def test_marks_survive_run_json(tmp_path: Path) -> None:
    before = marks(tmp_path)
    assert read_marks(before.as_json()) == before
    assert read_marks(None) is None
