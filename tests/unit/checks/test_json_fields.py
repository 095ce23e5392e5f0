"""The fields of an answer's JSON against the reference's."""

import json
from typing import Any

import pytest

from reward_fn.types.check import CheckResult
from reward_fn.types.unscored import Reason, Unscored
from tests.factory import check, rollout, score_of
from tests.guard import bounded_cpu


def score(answer: Any, reference: Any, **parameters: Any) -> float:
    """What an answer earns; texts are responses as they are, the rest is written as JSON."""
    response = answer if isinstance(answer, str) else json.dumps(answer)
    return score_of(check("json_fields", **parameters), rollout(response, reference_answer=reference))


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
        (None, None, {}, 1.0),
        (None, None, {"tolerance": 5}, 1.0),
        ("null", None, {}, 0.0),
        (9007199254740993, 9007199254740992.0, {}, 0.0),
        (9007199254740993, 9007199254740992.0, {"tolerance": 1}, 1.0),
        (12345678901234567891, 12345678901234567890, {}, 0.0),
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
        (["A", "b "], ["a", "b"], 1.0),
        (["a", "a", "a"], ["a"], 2 / 4),
        (["a", "a"], ["a", "a", "b"], 4 / 5),
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


@pytest.mark.parametrize(
    ("value", "right", "tolerance", "earned"),
    [
        ("2025-03-04", "2025-03-04", 0, 1.0),
        ("4 March 2025", "2025-03-04", 0, 1.0),
        ("Mar 4th, 2025", "2025-03-04T09:30:00Z", 0, 1.0),
        ("25/03/2025", "2025-03-25", 0, 1.0),
        ("03/25/2025", "2025-03-25", 0, 1.0),
        ("03/04/2025", "2025-03-04", 0, 0.0),  # or 3 April: it is not said
        ("03/04/2025", "03/04/2025", 0, 1.0),
        ("2025-03-05", "2025-03-04", 0, 0.0),
        ("2025-03-05", "2025-03-04", 1, 1.0),
        ("2025-03-06", "2025-03-04", 1, 0.0),
        ("2025-02-30", "2025-03-02", 0, 0.0),
        ("on receipt", "On receipt", 0, 1.0),
        (None, None, 0, 1.0),
        (None, "2025-03-04", 0, 0.0),
        (20250304, "2025-03-04", 0, 0.0),
    ],
)
def test_dates_are_compared_as_days(value: Any, right: Any, tolerance: int, earned: float) -> None:
    assert compared(value, right, "date", tolerance=tolerance) == earned


@pytest.mark.parametrize("compare", ["exact", "text", "number", "date", "set", "similar", "items"])
def test_null_is_right_where_the_reference_has_null_and_only_there(compare: str) -> None:
    assert compared(None, None, compare) == 1.0
    assert score({}, {"f": None}, fields=[{"path": "f", "compare": compare}]) == 0.0
    others: list[Any] = [0, "", [], False, "null"]
    for other in others:
        assert compared(other, None, compare) == 0.0
        assert compared(None, other, compare) == 0.0


BOLT, NUT = {"sku": "B1", "qty": 4, "price": 0.5}, {"sku": "N1", "qty": 9, "price": 0.1}


# Each item earns the share of its three fields; the mean is over both items and those that are too many.
@pytest.mark.parametrize(
    ("answer", "earned"),
    [
        ([BOLT, NUT], 1.0),
        ([NUT, BOLT], 1.0),
        ([BOLT], 1 / 2),
        ([BOLT, {**NUT, "qty": 8}], (1 + 2 / 3) / 2),
        ([BOLT, {"sku": "n1 "}], (1 + 1 / 3) / 2),
        ([BOLT, {**NUT, "sku": "X"}], 1 / 3),  # a wrong key is another item: one missing, one too many
        ([BOLT, NUT, NUT], 2 / 3),
        ([BOLT, NUT, 5], 2 / 3),
        ([], 0.0),
        ({"sku": "B1"}, 0.0),
    ],
)
def test_items_are_found_by_their_key(answer: Any, earned: float) -> None:
    plain = [{"path": "sku", "compare": "text"}, {"path": "qty"}, {"path": "price"}]
    fields = [{"path": "lines", "key": "sku", "item_fields": plain}]
    assert score({"lines": answer}, {"lines": [BOLT, NUT]}, fields=fields) == pytest.approx(earned)


def test_items_of_one_key_are_paired_with_their_equals_first() -> None:
    lines = [{"sku": "B1", "qty": 1}, {"sku": "B1", "qty": 2}]
    fields = [{"path": "lines", "key": "sku"}]
    assert score({"lines": lines[::-1]}, {"lines": lines}, fields=fields) == 1.0
    answer = [{"sku": "B1", "qty": 2}, {"sku": "B1", "qty": 5}]
    assert score({"lines": answer}, {"lines": lines}, fields=fields) == pytest.approx((1 + 1 / 2) / 2)


def test_a_key_with_a_comparison_finds_what_is_nearly_the_same() -> None:
    plain = [{"path": "name", "compare": "similar"}, {"path": "due", "compare": "date", "weight": 3}]
    fields = [{"path": "tasks", "key": "name", "item_fields": plain}]
    right = [{"name": "send the offer", "due": "2025-03-04"}, {"name": "call Ann", "due": None}]
    answer = [{"name": "call Ann", "due": None}, {"name": "send offer", "due": "4 March 2025"}]
    # F1 of "send offer" and "send the offer" is 2 * 2 / 5; its date counts three times as much.
    assert score({"tasks": answer}, {"tasks": right}, fields=fields) == pytest.approx((1 + (0.8 + 3) / 4) / 2)
    assert score({"tasks": [{"name": "pay", "due": None}]}, {"tasks": right}, fields=fields) == 0.0


def test_items_without_a_key_are_paired_by_what_they_share() -> None:
    fields = [{"path": "lines", "compare": "items"}]
    answer = [{**NUT, "qty": 8}, {**BOLT, "sku": "X"}]
    assert score({"lines": answer}, {"lines": [BOLT, NUT]}, fields=fields) == pytest.approx(2 / 3)


LISTS: dict[str, dict[str, Any]] = {
    "by default": {},
    "as a set": {"fields": [{"path": "lines", "compare": "set"}]},
    "as items": {"fields": [{"path": "lines", "compare": "items"}]},
    "by a key": {"fields": [{"path": "lines", "key": "sku"}]},
}


@pytest.mark.parametrize("parameters", LISTS.values(), ids=LISTS.keys())
@pytest.mark.parametrize("count", [1, 2, 7])
def test_an_item_that_is_nearly_right_beats_leaving_it_out_and_one_too_many_costs(
    parameters: dict[str, Any], count: int
) -> None:
    lines = [{"sku": f"S{i}", "qty": i, "unit": "kg"} for i in range(count)]
    nearly = {**lines[-1], "qty": -1, "unit": "lb"}

    def earned(answer: list[Any]) -> float:
        return score({"lines": answer}, {"lines": lines}, **parameters)

    right, near, without = earned(lines), earned([*lines[:-1], nearly]), earned(lines[:-1])
    assert 1.0 == right > near > without
    assert earned([*lines, {"sku": "Z", "qty": 50, "unit": "t"}]) < right
    assert earned([*lines, lines[0]]) < right


def test_without_fields_a_list_is_right_place_by_place() -> None:
    assert score({"tags": ["a", "b", "x"]}, {"tags": ["a", "b", "c"]}) == pytest.approx(2 / 3)
    assert score({"tags": ["b", "a"]}, {"tags": ["a", "b"]}) == 0.0
    assert score({"tags": ["b", "a"]}, {"tags": ["a", "b"]}, fields=[{"path": "tags"}]) == 0.0


CALL = {"name": "book", "arguments": '{"city": "Bern", "nights": 2, "rooms": [{"beds": 1}]}'}


@pytest.mark.parametrize(
    ("path", "arguments", "earned"),
    [
        ("arguments.city", '{"nights":2,"city":"Bern"}', 1.0),
        ("arguments.city", {"city": "Bern"}, 1.0),
        ("arguments.city", '{"city": "Basel"}', 0.0),
        ("arguments.rooms.0.beds", '{"rooms": [{"beds": 1}]}', 1.0),
        ("arguments.city", "Bern", 0.0),
        ("arguments.city", '{"city": "Bern"', 0.0),
        ("arguments", '{"rooms":[{"beds":1}],"nights":2.0,"city":"Bern"}', 1.0),
        ("arguments", {"city": "Bern", "nights": 2, "rooms": [{"beds": 1}]}, 1.0),
        ("arguments", '{"city": "Bern", "city": "Bern", "nights": 2, "rooms": [{"beds": 1}]}', 0.0),
    ],
)
def test_json_inside_a_text_is_read(path: str, arguments: Any, earned: float) -> None:
    answer = {"name": "book", "arguments": arguments}
    assert score(answer, CALL, fields=[{"path": path}]) == earned


def test_without_fields_json_inside_a_text_is_compared_as_json() -> None:
    answer = {"name": "book", "arguments": '{"nights":2,"rooms":[{"beds":1}],"city":"Bern"}'}
    assert score(answer, CALL) == 1.0


def test_a_weight_makes_a_field_count_more() -> None:
    fields = [{"path": "a", "weight": 3}, {"path": "b"}]
    assert score({"a": 1, "b": 0}, {"a": 1, "b": 2}, fields=fields) == 3 / 4
    assert score({"a": 1, "b": 2, "c": 0}, {"a": 1, "b": 2}, fields=fields, extra="wrong") == 4 / 5


def test_the_detail_names_wrong_fields_and_quotes_nothing_of_the_answer() -> None:
    reference = {"total": 5, "buyer": {"name": "Ann"}, **{f"k{i}": 0 for i in range(6)}}
    answer = {"buyer": {"name": "the-secret"}, "the-secret": 1, **{f"k{i}": "the-secret" for i in range(6)}}
    result = check("json_fields", extra="wrong")(rollout(json.dumps(answer), reference_answer=reference))
    assert isinstance(result, CheckResult)
    assert result.detail == "8 of 8 fields wrong: total, buyer.name, k0, k1, k2, …; 1 extra"


# Everything in common but nothing equal: each item of one side may be paired with each of the other.
def test_long_lists_without_a_match_are_compared_in_bounded_time() -> None:
    one = [{"a": i, **{f"k{j}": j for j in range(20)}} for i in range(500)]
    other = [{**item, "a": -1 - item["a"]} for item in one]
    for name in ("by default", "as a set", "as items"):
        with bounded_cpu(2.0):
            assert 0 < score({"lines": other}, {"lines": one}, **LISTS[name]) < 1


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
        ([{"path": "a"}, {"path": "a", "compare": "text"}], "fields: a path is listed twice"),
        ([{"path": "a", "tolerance": 1}], "tolerance of 'a' needs compare = \"number\" or"),
        ([{"path": "a", "compare": "set", "relative_tolerance": 1}], "relative_tolerance of 'a' needs"),
        ([{"path": "a", "compare": "date", "relative_tolerance": 1}], "relative_tolerance of 'a' needs"),
        (
            [{"path": "a", "compare": "set", "key": "sku"}],
            "key of 'a' needs compare = \"items\"",
        ),
        ([{"path": "a", "item_fields": [{"path": "b"}, {"path": "b"}]}], "fields: a path is listed twice"),
    ],
)
def test_fields_that_contradict_themselves_are_refused_at_load(fields: Any, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        check("json_fields", fields=fields)
