"""A compiled schema says the same as the library, quicker, and no value can hang it."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from reward_fn.schema import compile_schema
from tests.guard import bounded_time

PLAIN: dict[str, Any] = {
    "type": "object",
    "required": ["comments"],
    "additionalProperties": False,
    "properties": {
        "comments": {
            "type": "array",
            "minItems": 1,
            "maxItems": 3,
            "items": {
                "type": "object",
                "required": ["type"],
                "properties": {
                    "type": {"enum": ["risk", "deviation"]},
                    "score": {"type": "number", "minimum": 0, "exclusiveMaximum": 10},
                    "text": {"type": "string", "minLength": 2, "maxLength": 5},
                },
            },
        },
        "note": {"type": ["string", "null"], "pattern": "^[a-z]+$"},
    },
}

_comment: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    st.sampled_from(["type", "score", "text", "other"]),
    st.sampled_from(["risk", "deviation", "x", "abcdef", "", 0, 9.5, 10, -1, None, True, [], {}]),
)
_value = st.dictionaries(
    st.sampled_from(["comments", "note", "extra"]),
    st.one_of(st.lists(_comment, max_size=4), st.sampled_from(["abc", "ABC", "", None, 3])),
)


@given(_value)
def test_a_plain_schema_decides_as_the_library_does(value: dict[str, Any]) -> None:
    assert (compile_schema(PLAIN)(value) == "") == Draft202012Validator(PLAIN).is_valid(value)


@pytest.mark.parametrize("value", [None, 3, "text", [], True, {"comments": {}}, {"comments": [[]]}])
def test_a_value_of_the_wrong_type_is_located_not_raised(value: object) -> None:
    comments = "properties/comments"
    assert compile_schema(PLAIN)(value) in {"type", f"{comments}/type", f"{comments}/items/type"}


def test_the_place_is_in_the_schema_and_quotes_nothing_of_the_value() -> None:
    schema = {"additionalProperties": {"type": "integer"}}
    assert compile_schema(schema)({"SECRET": "SECRET"}) == "additionalProperties/type"


def test_a_schema_with_references_and_conditions_decides_as_the_library_does() -> None:
    schema: dict[str, Any] = {
        "$defs": {"name": {"type": "string", "minLength": 1}},
        "properties": {"a": {"$ref": "#/$defs/name"}, "b": {"anyOf": [{"type": "null"}, {"const": 1}]}},
        "if": {"required": ["b"]},
        "then": {"required": ["a"]},
    }
    locate = compile_schema(schema)
    assert locate({"a": "x", "b": 1}) == ""
    assert locate({"b": 1}) == "then/required"
    assert locate({"a": ""}).startswith("properties/a/")


@pytest.mark.parametrize(
    ("schema", "complaint"),
    [
        ({"type": "strnig"}, "not a valid JSON Schema"),
        ({"$ref": "https://example.com/schema.json"}, "leads outside the schema"),
        ({"properties": {"a": {"$ref": "other.json#/a"}}}, "leads outside the schema"),
        ({"$ref": "#/$defs/missing"}, "is not in the schema"),
    ],
)
def test_a_schema_that_could_not_be_served_is_refused(schema: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=re.escape(complaint)):
        compile_schema(schema)


@pytest.mark.parametrize(
    ("schema", "value", "place"),
    [
        ({"pattern": "(a+)+$"}, "a" * 1000 + "!", "pattern"),
        ({"not": {"pattern": "(a+)+$"}}, "a" * 1000 + "!", "pattern"),
        ({"anyOf": [{"pattern": "(a+)+$"}, {"type": "string"}]}, "a" * 1000 + "!", "pattern"),
        ({"items": {"pattern": "(a+)+$"}}, ["a" * 700 + "!"] * 500, "pattern"),
        ({"pattern": "a"}, "a" * 100_001, "pattern"),
        ({"patternProperties": {"(a+)+$": True}}, {"a" * 1000 + "!": 1}, "patternProperties"),
        (
            {"additionalProperties": False, "patternProperties": {"(a+)+$": True}},
            {"a" * 1000 + "!": 1},
            "patternProperties",
        ),
    ],
)
def test_what_a_pattern_cannot_decide_in_time_is_invalid_whatever_stands_around_it(
    schema: dict[str, Any], value: Any, place: str
) -> None:
    locate = compile_schema(schema)
    assert locate("aaa" if isinstance(value, str) else type(value)()) in ("", "not")
    with bounded_time(2.0):
        assert locate(value) == f"{place} (not decided in the time given)"


@pytest.mark.parametrize(
    ("schema", "complaint"),
    [
        ({"pattern": "(a|a)*$"}, "is hopeless"),
        ({"pattern": "("}, "not a valid JSON Schema"),
        ({"$defs": {"a": {"patternProperties": {"(a|aa)+$": True}}}}, "is hopeless"),
        ({"unevaluatedProperties": False, "allOf": [{"patternProperties": {"a": True}}]}, "is not supported"),
    ],
)
def test_a_pattern_that_could_not_decide_is_refused(schema: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        compile_schema({"$schema": "http://json-schema.org/draft-07/schema#", **schema})


def test_what_only_looks_like_a_pattern_is_none() -> None:
    schema = {"properties": {"pattern": {"type": "string"}}, "enum": [{"pattern": "("}]}
    assert compile_schema(schema)({"pattern": "("}) == ""


_key = st.sampled_from(["a1", "b", "x", "aa", ""])
_keyed = st.dictionaries(_key, st.sampled_from([1, "1", True, None]))
_item: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from([0, 0.0, False, 1, 1.0, True, None, "1", "", []]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=4,
)


@given(_keyed, st.sampled_from([False, {"type": "integer"}]))
def test_patterns_of_keys_decide_as_the_librarys_do(value: dict[str, Any], others: Any) -> None:
    schema = {
        "properties": {"b": {"type": "integer"}},
        "patternProperties": {"^a": {"type": "integer"}, "1$": {"not": {"const": 1}}},
        "additionalProperties": others,
    }
    assert (compile_schema(schema)(value) == "") == Draft202012Validator(schema).is_valid(value)


@given(st.lists(_item, max_size=4))
def test_unique_items_are_those_the_library_calls_so(value: list[Any]) -> None:
    schema = {"uniqueItems": True}
    assert (compile_schema(schema)(value) == "") == Draft202012Validator(schema).is_valid(value)


def test_unique_items_take_linear_time() -> None:
    # 39 lists of 500 objects: the library compares each with each, some 5 million times.
    lists = {f"k{i}": [{"a": [i, j]} for j in range(500)] for i in range(39)}
    locate = compile_schema({"additionalProperties": {"uniqueItems": True}})
    with bounded_time(2.0):
        assert locate(lists) == ""


def test_alternatives_that_lead_back_to_themselves_end() -> None:
    # Each level tries both alternatives: 2 ** 30 ways down.
    schema = {"anyOf": [{"items": {"$ref": "#"}, "minItems": 2}, {"items": {"$ref": "#"}, "maxItems": 0}]}
    value: Any = []
    for _ in range(30):
        value = [value]
    with bounded_time():
        assert compile_schema(schema)(value) == "$ref (followed more than 10000 times)"
