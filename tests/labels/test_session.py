"""A session asks every question once and a tenth of the rollouts twice, and goes on after any end."""

from pathlib import Path

import pytest

from reward_fn.types.rubric import Criterion
from reward_fn.types.verdict import Leaf
from rewardctl.labels.label import Label, LabelError, judgements
from rewardctl.labels.session import Session, Task, answer_keys, plan
from rewardctl.labels.subjects import WHOLE_ANSWER
from tests.labels.making import ITEMS, NOW, ONE_QUESTION, TWO_QUESTIONS, Kept, subjects

IDS = [f"q-{number:02}" for number in range(20)]


def answer_all(session: Session, answer: str) -> list[Task]:
    """Give the same answer to every question; returns the tasks in their order."""
    tasks = []
    while task := session.current:
        tasks.append(task)
        session.answer(answer)
    return tasks


def test_a_tenth_of_the_rollouts_comes_again_after_all_others(tmp_path: Path) -> None:
    tasks = plan(subjects(tmp_path, ONE_QUESTION, *IDS), seed=0)
    assert [task.repeat for task in tasks] == [0] * 20 + [1] * 2
    assert {task.subject.key for task in tasks[20:]} < set(IDS)


def test_which_rollouts_come_again_depends_on_the_seed_and_not_on_their_order(tmp_path: Path) -> None:
    def repeated(ids: list[str], seed: int) -> set[str]:
        return {
            task.subject.key for task in plan(subjects(tmp_path, ONE_QUESTION, *ids), seed) if task.repeat
        }

    assert repeated(IDS, 1) == repeated(IDS[::-1], 1)
    assert len({frozenset(repeated(IDS, seed)) for seed in range(5)}) > 1


def test_a_single_rollout_is_not_shown_twice(tmp_path: Path) -> None:
    assert [task.repeat for task in plan(subjects(tmp_path, ONE_QUESTION, "q"), 0)] == [0]


def test_questions_about_one_item_come_together_and_those_about_the_answer_last(tmp_path: Path) -> None:
    response = '{"comments": [{"text": "a"}, {"text": "b"}]}'
    tasks = plan(subjects(tmp_path, ITEMS, "q", response=response), 0)
    assert [(task.leaf.criterion.name, task.leaf.item) for task in tasks] == [
        ("Apt", 0),
        ("Apt", 1),
        ("Complete", None),
    ]


def test_an_answer_is_written_with_its_labeller_time_and_place(tmp_path: Path) -> None:
    kept, response = Kept(), '{"comments": [{"text": "a"}]}'
    session = kept.session(subjects(tmp_path, ITEMS, "q", response=response))
    session.answer("yes")
    session.answer("no")
    assert kept.labels == [
        Label("q", "ann", items={0: {"Apt": "yes"}}, at=NOW),
        Label("q", "ann", {"Complete": "no"}, at=NOW),
    ]


def test_a_resumed_session_goes_on_with_the_first_question_without_an_answer(tmp_path: Path) -> None:
    kept, shown = Kept(), subjects(tmp_path, TWO_QUESTIONS, "a", "b")
    kept.session(shown).answer("yes")
    session = kept.session(shown)
    assert session.current
    assert session.current.place == ("a", "Tone", None, 0)
    # two rollouts and one of them again, of two questions each
    assert session.progress == (1, 6, 0)


def test_the_answers_of_another_labeller_do_not_count(tmp_path: Path) -> None:
    kept, shown = Kept(), subjects(tmp_path, ONE_QUESTION, "a", "b")
    answer_all(kept.session(shown, "ann"), "yes")
    assert kept.session(shown, "bob").progress == (0, 3, 0)
    assert kept.session(shown, "ann").current is None


def test_a_repeated_question_is_answered_apart_from_the_first_showing(tmp_path: Path) -> None:
    kept = Kept()
    answer_all(kept.session(subjects(tmp_path, ONE_QUESTION, *IDS)), "yes")
    assert sum(judgement.repeat for judgement in judgements(kept.labels)) == 2


def test_undo_takes_the_answer_back_and_asks_again(tmp_path: Path) -> None:
    kept = Kept()
    session = kept.session(subjects(tmp_path, ONE_QUESTION, "a", "b"))
    session.answer("yes")
    assert session.undo()
    assert session.current
    assert session.current.subject.key == "a"
    assert judgements(kept.labels) == []
    session.answer("no")
    assert [judgement.answer for judgement in judgements(kept.labels)] == ["no"]


def test_undo_of_an_item_and_of_the_whole_answer_takes_these_back(tmp_path: Path) -> None:
    kept, response = Kept(), '{"comments": [{"text": "a"}]}'
    (subject,) = subjects(tmp_path, ITEMS, "q", response=response)
    session = kept.session([subject._replace(leaves=(subject.leaves[0], Leaf(WHOLE_ANSWER)))])
    session.answer("yes")
    session.answer("no")
    assert [judgement.worth for judgement in judgements(kept.labels)] == [None, 0.0]
    session.undo()
    session.undo()
    assert judgements(kept.labels) == []


def test_a_skipped_question_is_not_written_and_comes_again_in_the_next_session(tmp_path: Path) -> None:
    kept, shown = Kept(), subjects(tmp_path, ONE_QUESTION, "a", "b")
    session = kept.session(shown)
    session.skip()
    assert session.progress == (0, 3, 1)
    answer_all(session, "yes")
    assert {label.id for label in kept.labels if not label.repeat} == {"b"}
    resumed = kept.session(shown).current
    assert resumed
    assert resumed.subject.key == "a"


def test_undo_of_a_skip_returns_to_the_question_and_writes_nothing(tmp_path: Path) -> None:
    kept = Kept()
    session = kept.session(subjects(tmp_path, ONE_QUESTION, "a", "b"))
    session.skip()
    assert session.undo()
    assert (session.progress, kept.labels) == ((0, 3, 0), [])
    assert not session.undo()


def test_a_boundary_mark_holds_for_one_answer(tmp_path: Path) -> None:
    kept = Kept()
    session = kept.session(subjects(tmp_path, ONE_QUESTION, "a", "b"))
    session.boundary = True
    session.answer("yes")
    session.answer("yes")
    assert [label.boundary for label in kept.labels] == [True, False]


def test_an_answer_that_cannot_be_stored_leaves_the_session_where_it_is(tmp_path: Path) -> None:
    def fail(label: Label) -> None:
        raise LabelError("the disk is full")

    session = Session(plan(subjects(tmp_path, ONE_QUESTION, "a"), 0), "ann", (), fail, lambda: NOW)
    with pytest.raises(LabelError):
        session.answer("yes")
    assert session.progress == (0, 1, 0)
    assert session.current


def test_the_keys_of_a_question_are_those_of_its_answers(tmp_path: Path) -> None:
    clear, tone = plan(subjects(tmp_path, TWO_QUESTIONS, "a"), 0)
    assert answer_keys(clear) == {"y": "yes", "n": "no", "c": "cannot_assess", "x": "not_applicable"}
    assert answer_keys(tone) == {"1": "rude", "2": "neutral", "3": "kind", "c": "cannot_assess"}
    whole = clear._replace(leaf=Leaf(WHOLE_ANSWER))
    assert answer_keys(whole) == {"y": "yes", "n": "no"}


def test_the_tenth_choice_has_the_key_zero(tmp_path: Path) -> None:
    (task,) = plan(subjects(tmp_path, ONE_QUESTION, "a"), 0)
    ten = Criterion("Ten", "Which?", choices=tuple("abcdefghij"))
    keys = answer_keys(task._replace(leaf=Leaf(ten)))
    assert (keys["1"], keys["9"], keys["0"]) == ("a", "i", "j")
