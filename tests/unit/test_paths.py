"""Paths into a rollout."""

import json
import re
from typing import Any

import pytest

from reward_fn.definition.form import definition_schema
from reward_fn.paths import ANSWERS, PATH, PATTERN, find_answers, find_terms, find_text, look_up
from reward_fn.text.quotes import quote_stands_in
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
        *("response.tool_calls", "response.tool_calls.0.input.city"),
    ],
)
def test_a_path_that_can_be_looked_up_is_a_source(path: str) -> None:
    assert re.search(PATTERN, path)


def test_definitions_and_checks_accept_the_same_paths() -> None:
    assert definition_schema()["$defs"]["source"] == PATH


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
        ("reference_answer.list.0", "a"),
        ("reference_answer.list.1", None),
        ("reference_answer.list.first", None),
        ("reference_answer.list.9999999999", None),
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
        (["reference_answer.list"], "a"),
        (["metadata.missing"], None),
        ([], None),
    ],
)
def test_the_first_path_with_something_in_it_gives_the_text(paths: list[str], text: str | None) -> None:
    assert find_text(ROLLOUT, paths) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (False, "false"), (0.5, "0.5"), ("é", "é"), ([5, "é"], '[5, "é"]')]
)
def test_zero_and_false_are_something(value: Any, text: str) -> None:
    assert find_text(rollout(reference_answer=value), ["reference_answer"]) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (["one\ntwo", 'say "no"'], 'one\ntwo\n\nsay "no"'),
        (["one", " \n", "two"], "one\n\ntwo"),
        ([{"text": "one", "score": 0.5}, {"content": "two"}, "three"], "one\n\ntwo\n\nthree"),
        # as a retrieval service nests it, and as a tool gives a page its title
        ([{"content": {"text": "one", "type": "TEXT"}, "location": {"type": "S3"}}], "one"),
        ([{"title": "Prices", "content": "one"}, {"title": "", "text": "two"}], "Prices\none\n\ntwo"),
    ],
)
def test_a_list_of_texts_is_read_as_one_text_with_blank_lines(value: Any, text: str) -> None:
    assert find_text(rollout(metadata={"context": value}), ["metadata.context"]) == text


@pytest.mark.parametrize(
    "value",
    [
        *([1, 2], ["a", 1], ["a", None], [["a"]], {"text": "a"}, {"a": ["b"]}, [{"name": "a"}]),
        *([{"text": 5}], [{"text": ["a"]}], [{"content": {"content": "a"}}]),
        [{"role": "user", "content": "who speaks matters"}],
    ],
)
def test_other_values_stay_json(value: Any) -> None:
    text = find_text(rollout(metadata={"context": value}), ["metadata.context"])
    assert text is not None
    assert json.loads(text) == value


@pytest.mark.parametrize("quote", ["The sauna is closed in July.", 'costs "four" pounds for all'])
def test_what_stands_in_a_list_of_documents_can_be_quoted(quote: str) -> None:
    documents = [
        "Opening hours\nThe sauna is closed in July.",
        'Prices\nA ticket costs "four" pounds for all',
    ]
    text = find_text(rollout(metadata={"context": documents}), ["metadata.context"])
    assert text is not None
    assert quote_stands_in(quote, text)


@pytest.mark.parametrize("value", [None, "", " \t\n", [], {}, ["", " "], [{"text": ""}]])
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


@pytest.mark.parametrize("sent", ["[0, 1]", "[1.5]", "[]", '{"x": 1}', "[not json]", '["a", 1]'])
def test_a_reference_that_looks_like_json_stays_the_text_where_text_is_wanted(sent: str) -> None:
    found = rollout(reference_answer=sent)
    assert find_answers(found, ANSWERS) == [sent]
    assert find_text(found, ["reference_answer"]) == (None if sent == "[]" else sent), "no documents, no text"


def test_a_list_of_texts_in_json_is_a_list_of_answers() -> None:
    assert find_answers(rollout(reference_answer='["Paris", "paris"]'), ANSWERS) == ["Paris", "paris"]
    assert find_terms(rollout(metadata={"terms": '["a", "b"]'}), ["metadata.terms"]) == ["a", "b"]


def test_documents_in_json_text_can_be_quoted() -> None:
    documents = json.dumps([{"text": 'He said "no".'}, {"text": "She left."}])
    found = find_text(rollout(reference_answer=documents), ["reference_answer"])
    assert found == 'He said "no".\n\nShe left.'


def test_a_path_leads_into_json_text() -> None:
    found = rollout(reference_answer='{"answer": "18", "deep": "{\\"er\\": 5}"}')
    assert find_answers(found, ANSWERS) == ["18"]
    assert look_up(found, "reference_answer.deep.er") == 5
