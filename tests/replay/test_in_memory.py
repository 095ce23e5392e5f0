"""Records scored anew from their own verdicts, in all modes and with several voters."""

from pathlib import Path
from typing import Any

import pytest

from reward_fn.judge.base import Model, Question, Reply
from reward_fn.types.definition import Definition
from rewardctl.replay.in_memory import rescored
from rewardctl.replay.rubric_marks import marks_of
from rewardctl.replay.stored import StoredVerdicts
from tests.explain.records import Record, records_of
from tests.factory import row
from tests.replay.two_criteria import judged, judged_by_text, rows_of, two
from tests.unit.fake_judge import replied

TEXTS = ("right", "clear", "right and clear", "neither")


def stored_of(served: Definition) -> StoredVerdicts:
    return StoredVerdicts("here", served.version, marks_of(served.judge) if served.judge else None)


def told(records: list[Record]) -> list[dict[str, Any]]:
    names = ("id", "group", "line", "reward", "imputed", "metrics", "checks", "verdicts", "votes")
    return [{name: record[name] for name in names} for record in records]


def test_the_same_definition_gives_the_same_records(tmp_path: Path) -> None:
    served = two(tmp_path)
    records = judged(served, TEXTS)
    assert told(rescored(records, served, stored_of(served))) == told(records)


def test_a_changed_weight_changes_the_rewards_alone(tmp_path: Path) -> None:
    # Weights 2 and 1: 2/3, 1/3, 1, 0. Weights 1 and 2 exchange the first two.
    before, after = two(tmp_path / "a"), two(tmp_path / "b", weights=(1.0, 2.0))
    records = judged(before, TEXTS)
    assert [record["reward"] for record in records] == pytest.approx([2 / 3, 1 / 3, 1, 0])
    new = rescored(records, after, stored_of(before))
    assert [record["reward"] for record in new] == pytest.approx([1 / 3, 2 / 3, 1, 0])
    assert [record["verdicts"] for record in new] == [record["verdicts"] for record in records]
    assert [record["calls"] for record in new] == [[], [], [], []]


def test_a_new_question_leaves_a_rollout_without_a_reward_of_its_own(tmp_path: Path) -> None:
    before, after = two(tmp_path / "a"), two(tmp_path / "b", right="Is it true?")
    new = rescored(judged(before, TEXTS), after, stored_of(before))
    assert [record["imputed"] for record in new] == [True] * 4
    assert new[0]["reasons"][0]["detail"] == "the run holds no verdicts on this question"


def test_a_rollout_without_verdicts_is_not_guessed(tmp_path: Path) -> None:
    served = two(tmp_path)
    records = judged(served, TEXTS)
    records[1] = {**records[1], "verdicts": []}
    new = rescored(records, served, stored_of(served))
    assert [record["imputed"] for record in new] == [False, True, False, False]


def test_verdicts_of_another_version_answer_other_questions(tmp_path: Path) -> None:
    served = two(tmp_path)
    records = judged(served, TEXTS)
    records[2]["definition_version"] = "0123456789ab"
    new = rescored(records, served, stored_of(served))
    assert [record["imputed"] for record in new] == [False, False, True, False]


def test_an_answer_that_is_not_on_the_menu_counts_as_missing(tmp_path: Path) -> None:
    served = two(tmp_path)
    records = judged(served, ("right",))
    records[0]["verdicts"][0]["answer"] = "perhaps"
    assert rescored(records, served, stored_of(served))[0]["imputed"]


@pytest.mark.parametrize(
    "more", ["votes = 3", 'panel = ["medium", "medium-claude"]\nrule = "mean"', 'mode = "group"']
)
def test_votes_and_modes_come_out_as_they_went_in(more: str, tmp_path: Path) -> None:
    def answer(question: Question, model: Model) -> Reply:
        if len({leaf.item for leaf in question.leaves}) > 1:
            return replied(question, {("Right", 0): "no", ("Standing", 0): "worst"})
        second = "claude" in model.model_id
        return replied(question, {("Right", None): "no"}) if second else judged_by_text(question, model)

    served = two(tmp_path, more=more)
    records = records_of(served, rows_of(TEXTS), answer)
    assert not any(record["imputed"] for record in records)
    assert told(rescored(records, served, stored_of(served))) == told(records)


def test_comparisons_come_out_as_they_went_in(tmp_path: Path) -> None:
    served = two(tmp_path, more='mode = "pairwise"\nagainst = ["reference_answer"]')

    def answer(question: Question, _model: Model) -> Reply:
        first = question.variable.index("ours") < question.variable.index("theirs")
        return replied(question, {("Right", None): "first" if first else "second", ("Clear", None): "same"})

    records = records_of(served, [row("ours", reference_answer="theirs")], answer)
    assert records[0]["verdicts"][0]["answer"] == "better"
    assert told(rescored(records, served, stored_of(served))) == told(records)
