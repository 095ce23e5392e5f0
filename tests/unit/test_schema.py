"""A compiled schema says the same as the library, quicker, and no value can hang it."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from reward_fn.schema import compile_schema

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


def test_bait_for_a_pattern_ends_in_bounded_time_as_a_violation() -> None:
    locate = compile_schema({"type": "string", "pattern": "^(a+)+$"})
    assert locate("a" * 20) == ""
    assert locate("a" * 5000 + "!") == "pattern"
