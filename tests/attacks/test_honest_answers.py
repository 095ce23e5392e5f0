"""Which answers are honest and how good they are: people or the data say so, never the judge."""

import json
from pathlib import Path
from typing import Any

import pytest

from rewardctl.attacks.corpus import CorpusError
from rewardctl.attacks.honest import NO_ANSWER, read_tasks, rows_with
from rewardctl.attacks.worth import worth_of
from tests import factory
from tests.attacks.own_data import BAD, GOOD, row, tasks_of, write


@pytest.mark.parametrize(
    ("identity", "worth"), [("x-good", 1.0), ("y", 1.0), ("x-mediocre", 0.5), ("x-bad", 0.0), ("other", None)]
)
def test_ids_and_patterns_name_kinds_and_say_nothing_of_other_answers(
    identity: str, worth: float | None
) -> None:
    assert worth_of("*-good, y", "*-mediocre", "*-bad")(factory.rollout("A", id=identity)) == worth


def test_ids_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text("a\n7\n", encoding="utf-8")
    worth = worth_of(str(tmp_path / "good.txt"), bad="*")
    assert [worth(factory.rollout("A", id=identity)) for identity in ("a", 7, "b")] == [1.0, 1.0, 0.0]


def labels(folder: Path, *lines: dict[str, Any]) -> str:
    path = folder / "labels.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return str(path)


def test_labels_of_whole_answers_count_by_the_mean_of_all_labellers(tmp_path: Path) -> None:
    lines = [
        {"id": "a", "labeller": "ann", "overall": 1},
        {"id": "a", "labeller": "bob", "overall": 0.5},
        {"id": "b", "labeller": "ann", "overall": False},
    ]
    worth = worth_of(labels(tmp_path, *lines))
    # (1 + 0.5) / 2 = 0.75
    assert [worth(factory.rollout("A", id=identity)) for identity in "abc"] == [0.75, 0.0, None]


def test_labels_of_criteria_alone_name_the_remedy(tmp_path: Path) -> None:
    path = labels(tmp_path, {"id": "a", "labeller": "ann", "labels": {"Polite": "yes"}})
    with pytest.raises(CorpusError, match="rewardctl label --overall"):
        worth_of(path)


@pytest.mark.parametrize(
    ("value", "worth"), [(True, 1.0), (0.4, 0.4), ("No", 0.0), ("maybe", None), (7, None), (None, None)]
)
def test_a_field_of_the_row_says_how_good_its_answer_is(value: Any, worth: float | None) -> None:
    assert worth_of("", field="metadata.right")(factory.rollout("A", metadata={"right": value})) == worth


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"good": ""}, "say which answers are good, by people and not by the judge"),
        ({"good": "a", "field": "metadata.x"}, "one of the two"),
        ({"good": "", "bad": "b"}, "one of the two"),
        ({"good": "", "field": "response"}, "--good-field response: not a path"),
    ],
)
def test_exactly_one_source_says_what_is_good(options: dict[str, str], message: str) -> None:
    with pytest.raises(CorpusError, match=message):
        worth_of(**options)


def test_the_label_is_taken_out_of_the_metadata_that_checks_and_judges_read(tmp_path: Path) -> None:
    rows = [row("1", GOOD, metadata={"marks": {"right": True, "kept": 1}, "source": "s"})]
    field = "metadata.marks.right"
    (task,) = tasks_of(tmp_path, rows, worth_of("", field=field), field=field).tasks
    (attack,) = rows_with(task, ["x"])
    assert attack["metadata"] == {"marks": {"kept": 1}, "source": "s"}


def test_answers_are_grouped_by_prompt_and_kind_without_repeats(tmp_path: Path) -> None:
    rows = [
        row("1-good", GOOD),
        row("2-good", GOOD),
        row("3-mediocre", "6"),
        row("4-bad", BAD),
        row("5-unknown", "8"),
        row("6-good", "Paris", prompt="Which city?"),
    ]
    tasks = tasks_of(tmp_path, rows)
    by_prompt = {task.prompt: task for task in tasks.tasks}
    eggs, city = by_prompt["How many eggs are left?"], by_prompt["Which city?"]
    assert (eggs.good, eggs.mediocre, eggs.bad) == ((GOOD,), ("6",), (BAD,))
    assert eggs.elsewhere == ("Paris",)
    assert city.bad == (GOOD,), "an answer to another prompt stands in for a bad one"
    assert (tasks.prompts, tasks.answers) == (2, 6)


def test_a_text_that_was_called_good_and_bad_is_bad(tmp_path: Path) -> None:
    rows = [row("1-good", GOOD), row("2-good", BAD), row("3-bad", BAD)]
    (task,) = tasks_of(tmp_path, rows).tasks
    assert (task.good, task.bad) == ((GOOD,), (BAD,))


def test_a_single_answer_is_attacked_from_an_answer_that_says_nothing(tmp_path: Path) -> None:
    (task,) = tasks_of(tmp_path, [row("a-good", GOOD)]).tasks
    assert task.bad == (NO_ANSWER,)


def test_prompts_with_bad_answers_come_first_and_the_count_is_kept(tmp_path: Path) -> None:
    rows = [row(f"{n}-good", GOOD, prompt=f"Prompt {n}?") for n in range(5)]
    rows.append(row("4-bad", BAD, prompt="Prompt 4?"))
    tasks = tasks_of(tmp_path, rows, count=2)
    assert len(tasks.tasks) == 2
    assert tasks.tasks[0].prompt == "Prompt 4?"


def test_data_without_a_good_answer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"none of the 1 answers .* is known to be good"):
        tasks_of(tmp_path, [row("a-bad", BAD)])


def test_lines_without_a_row_are_counted(tmp_path: Path) -> None:
    path = Path(write(tmp_path))
    path.write_text(path.read_text(encoding="utf-8") + "{broken\n", encoding="utf-8")
    assert read_tasks(str(path), worth_of("*good"), count=1, seed=0).problems == 1
