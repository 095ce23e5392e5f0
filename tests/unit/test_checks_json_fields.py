"""The fields of an answer's JSON against the reference's."""

import json
from typing import Any

import pytest

from reward_fn.rubric import Reason, Unscored
from reward_fn.types import CheckResult
from tests.factory import check, rollout


def score(answer: Any, reference: Any, **parameters: Any) -> float:
    """What an answer earns; texts are responses as they are, the rest is written as JSON."""
    response = answer if isinstance(answer, str) else json.dumps(answer)
    result = check("json_fields", **parameters)(rollout(response, reference_answer=reference))
    assert isinstance(result, CheckResult), result
    assert bool(result.detail) == (result.score < 1)
    return result.score


def compared(value: Any, right: Any, compare: str, **parameters: Any) -> float:
    """What one field earns by one comparison."""
    field = {"path": "f", "compare": compare, **parameters}
    return score({"f": value}, {"f": right}, fields=[field])


REFERENCE = {"a": 1, "b": {"c": "x", "d": [1, 2]}, "e": None}


# Leaves of the reference: a, b.c, b.d, e.
@pytest.mark.parametrize(
    ("answer", "right"),
    [
        (REFERENCE, 4),
        ({"e": None, "b": {"d": [1, 2], "c": "x"}, "a": 1.0}, 4),
        ({**REFERENCE, "more": 1}, 4),
        ({"a": True, "b": {"c": "x", "d": [1, 2]}, "e": None}, 3),
        ({"a": 1, "b": {"c": "X", "d": [2, 1]}, "e": None}, 2),
        ({"a": 1, "b": "x", "e": None}, 2),
        ({"a": 1}, 1),
        ({"e": 0, "a": "1"}, 0),
        ([], 0),
        ([REFERENCE], 0),
        ("not JSON", 0),
        ("", 0),
    ],
)
def test_without_fields_every_leaf_of_the_reference_counts(answer: Any, right: int) -> None:
    assert score(answer, REFERENCE) == right / 4


def test_an_answer_in_a_fence_and_a_reference_as_text_are_read() -> None:
    judged = check("json_fields", reference=["reference_answer.none", "reference_answer.answer"])
    answer = rollout('```json\n{"a": 1}\n```', reference_answer={"answer": '{"a": 1}'})
    assert judged(answer) == CheckResult(1.0)


# Two expected leaves, a and b.c, and one for each leaf that is added.
@pytest.mark.parametrize(
    ("answer", "earned"),
    [
        ({"a": 1, "b": {"c": 2}}, 2 / 2),
        ({"a": 1, "b": {"c": 2, "x": 0}}, 2 / 3),
        ({"a": 1, "b": {"c": 2}, "y": {"p": 1, "q": {}}}, 2 / 4),
        ({"a": {"p": 1, "q": 2}, "b": {"c": 2}}, 1 / 2),  # what lies under a wrong field is no further one
        ({"a": 1, "b": 5}, 1 / 2),
        ({}, 0.0),
        (5, 0.0),
    ],
)
def test_extra_fields_can_count_as_wrong(answer: Any, earned: float) -> None:
    reference = {"a": 1, "b": {"c": 2}}
    assert score(answer, reference, extra="wrong") == pytest.approx(earned)


def test_listed_fields_alone_count_and_those_the_reference_lacks_do_not() -> None:
    fields = [{"path": "a"}, {"path": "b.d.1"}, {"path": "b.zzz"}, {"path": "z"}]
    assert score({"a": 1, "b": {"d": [0, 2]}}, REFERENCE, fields=fields) == 1.0
    assert score({"a": 1, "b": {"d": [2]}}, REFERENCE, fields=fields) == 0.5


@pytest.mark.parametrize(
    ("value", "right", "earned"),
    [
        ("No", "no", 1.0),
        (" NO\n", "no", 1.0),
        ("it’s “so”", 'It\'s "so"', 1.0),
        ("no.", "no", 0.0),
        ("1", 1, 0.0),
        (1, 1, 1.0),
        (None, "no", 0.0),
    ],
)
def test_text_is_the_same_but_for_case_space_and_marks(value: Any, right: Any, earned: float) -> None:
    assert compared(value, right, "text") == earned


@pytest.mark.parametrize(
    ("value", "right", "tolerances", "earned"),
    [
        (100, 100.0, {}, 1.0),
        (0.1, "0.1", {}, 1.0),
        ("1,205 USD", 1205, {}, 1.0),
        (101, 100, {"tolerance": 1}, 1.0),
        (101.1, 100, {"tolerance": 1}, 0.0),
        (-101, -100, {"relative_tolerance": 0.01}, 1.0),
        (102, 100, {"tolerance": 1, "relative_tolerance": 0.02}, 1.0),
        (1e-9, 0, {"relative_tolerance": 0.5}, 0.0),
        (True, 1, {}, 0.0),
        ("one or 2", 2, {}, 0.0),
        (None, 0, {}, 0.0),
        ([1], 1, {}, 0.0),
        (1, "many", {}, 0.0),
        (1, float("nan"), {}, 0.0),
    ],
)
def test_numbers_are_compared_within_the_wider_tolerance(
    value: Any, right: Any, tolerances: dict[str, float], earned: float
) -> None:
    assert compared(value, right, "number", **tolerances) == earned


# 2 * shared / (elements of one + elements of the other)
@pytest.mark.parametrize(
    ("value", "right", "earned"),
    [
        (["b", "a"], ["a", "b"], 1.0),
        (["A", "a", "b "], ["a", "b"], 1.0),
        (["a"], ["a", "b"], 2 / 3),
        (["a", "c"], ["a", "b"], 2 / 4),
        ([1, {"x": [1.0]}], [{"x": [1]}, 1], 1.0),
        ([True], [1], 0.0),
        ([], [], 1.0),
        ([], ["a"], 0.0),
        ("a", ["a"], 0.0),
        (["a"], "a", 0.0),
    ],
)
def test_sets_have_no_order(value: Any, right: Any, earned: float) -> None:
    assert compared(value, right, "set") == pytest.approx(earned)


@pytest.mark.parametrize(
    ("value", "right", "earned"),
    [
        ("pay in May", "In May, pay!", 1.0),
        ("pay now", "pay later", 0.5),
        ("", "pay", 0.0),
        ("—", "–", 1.0),
        (1, "1", 0),
    ],
)
def test_similar_texts_share_words(value: Any, right: Any, earned: float) -> None:
    assert compared(value, right, "similar") == earned


@pytest.mark.parametrize("reference", [None, "", "No", {}, [], [1], 5, '["a"]', "{broken"])
def test_a_reference_without_fields_is_the_datas_fault(reference: Any) -> None:
    result = check("json_fields")(rollout("{}", reference_answer=reference))
    assert isinstance(result, Unscored)
    assert result.reason is Reason.NO_SOURCE


def test_a_reference_with_none_of_the_listed_fields_is_the_datas_fault() -> None:
    result = check("json_fields", fields=[{"path": "z"}])(rollout("{}", reference_answer={"a": 1}))
    assert isinstance(result, Unscored)


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ([{"path": "a"}, {"path": "a", "compare": "text"}], "fields: a path is given twice"),
        ([{"path": "a", "tolerance": 1}], "tolerance of 'a' has no meaning without compare = \"number\""),
        ([{"path": "a", "compare": "set", "relative_tolerance": 1}], "relative_tolerance of 'a' has no"),
    ],
)
def test_fields_that_contradict_themselves_are_refused_at_load(fields: Any, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        check("json_fields", fields=fields)
