"""The texts of the screen for one question."""

from pathlib import Path

from reward_fn.types.rubric import Criterion, Example
from reward_fn.types.verdict import Leaf
from rewardctl.labels.parts import MAX_QUESTION_CHARS, parts_of, question_text
from rewardctl.labels.session import Task
from rewardctl.labels.subjects import WHOLE_ANSWER, Subject
from tests.labels.making import ITEMS, ONE_QUESTION, TWO_QUESTIONS, subjects


def task_of(subject: Subject, criterion: Criterion | None = None) -> Task:
    """A task about the first question of a subject, or about another one."""
    return Task(subject, subject.leaves[0] if criterion is None else Leaf(criterion), 0)


def test_a_question_names_its_criterion_and_its_item(tmp_path: Path) -> None:
    (subject,) = subjects(tmp_path, ITEMS, "a", response='{"comments": [{"text": "x"}, {"text": "y"}]}')
    task = Task(subject, subject.leaves[1], 0)
    first, second = question_text(task).splitlines()
    assert first == "Apt, item 2 of 2"
    assert second == "Does the comment say something that a reviewer could use?"


def test_the_whole_answer_is_called_so(tmp_path: Path) -> None:
    (subject,) = subjects(tmp_path, ONE_QUESTION, "a")
    assert question_text(task_of(subject, WHOLE_ANSWER)).startswith("The whole answer\nAll in all, ")


def test_a_long_question_is_cut_on_top_and_stands_in_full_below(tmp_path: Path) -> None:
    (subject,) = subjects(tmp_path, ONE_QUESTION, "a")
    long = Criterion("Long", "word " * 100 + "end?")
    assert question_text(task_of(subject, long)).endswith("… (in full below)")
    assert len(question_text(task_of(subject, long))) < MAX_QUESTION_CHARS + 40
    heading, text = parts_of(task_of(subject, long))[0]
    assert (heading, text.endswith("end?")) == ("Question", True)
    assert [heading for heading, _ in parts_of(task_of(subject))] == ["Response", "Prompt"]


def test_examples_and_instructions_of_the_judge_are_shown_to_the_labeller(tmp_path: Path) -> None:
    toml = ONE_QUESTION.replace('model = "medium"', 'model = "medium"\ninstructions = "Readers are ten."')
    (subject,) = subjects(tmp_path, toml, "a")
    examples = (Example("Hello.", "yes", "short words"), Example("Salutations.", "cannot_assess"))
    parts = dict(parts_of(task_of(subject, Criterion("Clear", "Is it clear?", examples=examples))))
    assert parts["Examples"] == "yes: short words\n  Hello.\ncannot assess\n  Salutations."
    assert parts["Instructions to the judge"] == "Readers are ten."


def test_a_prompt_that_is_a_document_already_is_not_shown_twice(tmp_path: Path) -> None:
    toml = TWO_QUESTIONS.replace('["metadata.source"]', '["metadata.source", "prompt"]')
    (subject,) = subjects(tmp_path, toml, "a", prompt="The text.")
    assert [heading for heading, _ in parts_of(task_of(subject))] == ["Response", "Document: source"]


def test_the_text_to_compare_with_is_shown(tmp_path: Path) -> None:
    (subject,) = subjects(tmp_path, ONE_QUESTION, "a")
    parts = parts_of(task_of(subject._replace(reference="The other answer.")))
    assert parts[1] == ("Answer to compare with", "The other answer.")


def test_an_item_is_shown_by_its_keys_and_anything_else_as_it_is(tmp_path: Path) -> None:
    (subject,) = subjects(tmp_path, ONE_QUESTION, "a")
    items = ('{"type": "risk", "count": 2, "tags": ["a"]}', "plain", '["list"]')
    parts = parts_of(task_of(subject._replace(items=items)))
    assert [text for _, text in parts[:3]] == ['type: risk\ncount: 2\ntags: ["a"]', "plain", '["list"]']
