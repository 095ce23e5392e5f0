"""Paths into a rollout."""

import re
from typing import Any

import pytest

from reward_fn.sources import ANSWERS, PATTERN, find_answers, find_terms, find_text, look_up
from tests.factory import rollout

ROLLOUT = rollout(
    "the answer",
    prompt="the prompt",
    reference_answer={"text": "gold", "deep": {"er": 5}, "list": ["a"], "empty": {}, "blank": " \n"},
    metadata={"reference": "guide", "a-b_c": {"1": "one"}},
)


@pytest.mark.parametrize(
    "path",
    [
        *("prompt", "response", "reference_answer", "metadata"),
        *("reference_answer.a", "reference_answer.a.b.c", "metadata.a-b_c.0"),
    ],
)
def test_a_path_that_can_be_looked_up_is_a_source(path: str) -> None:
    assert re.search(PATTERN, path)


@pytest.mark.parametrize(
    "path",
    [
        *("", "id", "index", "messages", "parsed", "__class__", "Prompt", "prompt.a", "response.text"),
        *("reference_answer.", "reference_answer..a", ".prompt", "metadata.a b", "metadata.é", "prompts"),
        *("metadata[0]", "prompt\n", "metadata.a\n", "\nprompt"),
    ],
)
def test_nothing_else_is_a_source(path: str) -> None:
    assert not re.search(PATTERN, path)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("prompt", "the prompt"),
        ("response", "the answer"),
        ("reference_answer.text", "gold"),
        ("reference_answer.deep.er", 5),
        ("metadata.a-b_c.1", "one"),
        ("metadata.missing", None),
        ("metadata.reference.deeper", None),
        ("reference_answer.deep.er.deeper", None),
        ("reference_answer.list.0", None),
    ],
)
def test_a_path_leads_to_its_value_or_to_none(path: str, value: Any) -> None:
    assert look_up(ROLLOUT, path) == value


def test_a_path_into_a_reference_that_is_no_object_leads_nowhere() -> None:
    assert look_up(rollout(reference_answer="text"), "reference_answer.text") is None
    assert look_up(rollout(), "reference_answer.text") is None


@pytest.mark.parametrize(
    ("paths", "text"),
    [
        (["metadata.missing", "reference_answer.text"], "gold"),
        (["reference_answer.empty", "reference_answer.blank", "metadata.reference"], "guide"),
        (["reference_answer.deep.er"], "5"),
        (["reference_answer.deep"], '{"er": 5}'),
        (["reference_answer.list"], '["a"]'),
        (["metadata.missing"], None),
        ([], None),
    ],
)
def test_the_first_path_with_something_in_it_gives_the_text(paths: list[str], text: str | None) -> None:
    assert find_text(ROLLOUT, paths) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (False, "false"), (0.5, "0.5"), ("é", "é"), (["é"], '["é"]')]
)
def test_zero_and_false_are_something(value: Any, text: str) -> None:
    assert find_text(rollout(reference_answer=value), ["reference_answer"]) == text


@pytest.mark.parametrize("value", [None, "", " \t\n", [], {}])
def test_nothing_and_white_space_are_no_text(value: Any) -> None:
    assert find_text(rollout(reference_answer=value), ["reference_answer"]) is None


@pytest.mark.parametrize(
    ("reference", "answers"),
    [
        ("gold", ["gold"]),
        (5, ["5"]),
        (0.5, ["0.5"]),
        (True, ["true"]),
        (["a", 2, None, " ", {"b": 1}], ["a", "2"]),
        ({"answer": "a", "ground_truth": "b"}, ["a"]),
        ({"answer": [], "ground_truth": "b"}, ["b"]),
        ({"answer": {"text": "a"}}, []),
        (None, []),
        ("", []),
    ],
)
def test_the_right_answers_are_a_text_or_a_list(reference: Any, answers: list[str]) -> None:
    assert find_answers(rollout(reference_answer=reference), ANSWERS) == answers


@pytest.mark.parametrize(
    ("value", "terms"),
    [
        ("a", ["a"]),
        (["a", 1, None, ""], ["a", "1"]),
        ([], []),
        (" ", []),
        (None, None),
        ({"a": 1}, None),
        (5, None),
    ],
)
def test_terms_are_a_text_or_a_list_that_may_be_empty(value: Any, terms: list[str] | None) -> None:
    assert find_terms(rollout(metadata={"terms": value}), ["metadata.none", "metadata.terms"]) == terms
