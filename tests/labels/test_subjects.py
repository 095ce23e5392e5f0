"""What a labeller sees is what the judge would see."""

from pathlib import Path

import pytest

from rewardctl.labels.label import LabelError
from rewardctl.labels.subjects import find_subjects
from tests import factory
from tests.labels.making import ITEMS, ONE_QUESTION, TWO_QUESTIONS, definition, rows

NO_JUDGE = 'name = "sum"\n[[score]]\ncheck = "numeric_answer"\n'
GATED = ONE_QUESTION + '[[gate]]\ncheck = "length"\nmax_chars = 20\n'


def test_a_subject_has_the_documents_and_items_of_the_judge(tmp_path: Path) -> None:
    given = rows("q", metadata={"source": "A text."})
    (subject,) = find_subjects(given, definition(tmp_path, TWO_QUESTIONS)).subjects
    assert (subject.documents, subject.items) == ({"source": "A text."}, ())
    response = '{"comments": [{"text": "a", "note_to_the_judge": "yes!"}]}'
    (subject,) = find_subjects(rows("q", response=response), definition(tmp_path, ITEMS)).subjects
    assert subject.items == ('{"text": "a"}',)


def test_rows_that_no_judge_sees_are_counted_by_reason(tmp_path: Path) -> None:
    given = [*rows("short"), *rows("long", response="A much longer answer."), {"id": "x", "prompt": "Q"}, 7]
    found = find_subjects(given, definition(tmp_path, GATED))
    assert [subject.key for subject in found.subjects] == ["short"]
    assert found.left_out == {
        "settled before the judge by length": 1,
        "rejected: no_response": 1,
        "rejected: bad_row": 1,
    }


def test_without_a_judge_the_whole_answer_is_labelled(tmp_path: Path) -> None:
    (subject,) = find_subjects(rows("q"), definition(tmp_path, NO_JUDGE)).subjects
    assert [leaf.criterion.name for leaf in subject.leaves] == [""]


def test_criteria_can_be_chosen_and_the_whole_answer_added(tmp_path: Path) -> None:
    two = definition(tmp_path, TWO_QUESTIONS)
    (subject,) = find_subjects(rows("q"), two, criteria=["Tone"], overall=True).subjects
    assert [leaf.criterion.name for leaf in subject.leaves] == ["Tone", ""]
    with pytest.raises(LabelError, match="no rollout has a criterion 'Tome'; choose from Clear, Tone"):
        find_subjects(rows("q"), two, criteria=["Tome"])


def test_a_rollouts_own_criteria_are_asked_too(tmp_path: Path) -> None:
    toml = ONE_QUESTION.replace('model = "medium"', 'model = "medium"\nown_rubric = true')
    rubric = [{"name": "Names_A_Lake", "question": "Does the answer name a lake?", "weight": 1.0}]
    (subject,) = find_subjects(rows("q", metadata={"rubric": rubric}), definition(tmp_path, toml)).subjects
    assert {leaf.criterion.name for leaf in subject.leaves} == {"Clear", "Names_A_Lake"}


def test_the_place_among_siblings_is_no_question_for_a_labeller(tmp_path: Path) -> None:
    toml = ONE_QUESTION.replace('model = "medium"', 'model = "medium"\nmode = "group"')
    (subject,) = find_subjects(rows("q"), definition(tmp_path, toml)).subjects
    assert [leaf.criterion.name for leaf in subject.leaves] == ["Clear"]


def test_an_id_on_two_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match="1 ids stand on several rows, among them '7'"):
        find_subjects([*rows("7", "a"), factory.row(id=7)], definition(tmp_path, ONE_QUESTION))


def test_rows_without_an_id_are_counted(tmp_path: Path) -> None:
    found = find_subjects([factory.row(id=None), *rows("a")], definition(tmp_path, ONE_QUESTION))
    assert ([subject.key for subject in found.subjects], found.nameless) == (["missing-0", "a"], 1)
