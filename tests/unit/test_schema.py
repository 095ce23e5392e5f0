"""A compiled schema says the same as the library, quicker, and no value can hang it."""

import re
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from reward_fn import schema_rules
from reward_fn.plain_schema import is_plain
from reward_fn.quick_schema import surely_valid
from reward_fn.schema import compile_schema
from reward_fn.schema_rules import Budget
from reward_fn.text.batch_time import Spent, new_batch
from tests.factory import ROOT
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


def nested_alternatives(width: int) -> dict[str, Any]:
    inner = {"items": {"oneOf": [{"type": "object"}] * width}}
    return {"items": {"oneOf": [inner] * width}}


def test_combinations_that_multiply_end() -> None:
    """60 alternatives of 60 for each of 16,000 values: 58 million, some ten minutes."""
    locate = compile_schema(nested_alternatives(60))
    with bounded_time(20.0):
        assert locate([["x"] * 40] * 400).endswith("(not decided in the time given)")


def test_values_of_a_batch_that_cost_much_leave_the_others_less_time(monkeypatch: pytest.MonkeyPatch) -> None:
    new_batch()
    assert Budget().ends_s - Budget().begun_s == pytest.approx(schema_rules.VALUE_S, abs=0.1)
    monkeypatch.setattr(Spent, "values_s", schema_rules.BATCH_VALUES_S)
    hurried = Budget()
    assert hurried.ends_s - hurried.begun_s == pytest.approx(schema_rules.SHORT_VALUE_S)
    locate = compile_schema(nested_alternatives(2))
    assert locate([[{}]]) != "", "an ordinary value is decided all the same"
    assert locate([]) == ""
    new_batch()
    assert Spent.values_s == 0.0


ANY_PLAIN: st.SearchStrategy[dict[str, Any]] = st.recursive(
    st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["string", "integer", "number", "null", ["array", "boolean"], "object"]),
            "enum": st.lists(st.sampled_from([0, 1, True, 1.0, "", "a", None, [1], {"a": True}]), max_size=3),
            "const": st.sampled_from([0, False, 1.0, "a", [], [True]]),
            "minimum": st.sampled_from([-1, 0, 0.5]),
            "exclusiveMaximum": st.sampled_from([1, 1.5]),
            "minLength": st.integers(0, 2),
            "maxItems": st.integers(0, 2),
            "maxProperties": st.integers(0, 1),
            "required": st.lists(st.sampled_from("ab"), unique=True),
            "additionalProperties": st.booleans(),
        },
    ),
    lambda inner: st.fixed_dictionaries(
        {}, optional={"properties": st.dictionaries(st.sampled_from("ab"), inner), "items": inner}
    ),
    max_leaves=4,
)


@given(ANY_PLAIN, _item | st.just(1.5))
def test_any_plain_schema_decides_as_the_library_does(schema: dict[str, Any], value: Any) -> None:
    assert is_plain(schema)
    assert surely_valid(schema)(value) == Draft202012Validator(schema).is_valid(value)


COMBINED: dict[str, Any] = {
    "$defs": {"small": {"type": "integer", "maximum": 1}},
    "oneOf": [{"required": ["a"]}, {"required": ["b"]}],
    "properties": {
        "a": {"$ref": "#/$defs/small"},
        "b": {"type": "array", "prefixItems": [{"type": "string"}], "items": False, "uniqueItems": True},
        "": {"not": {"enum": [1, "1"]}, "anyOf": [{"type": "null"}, {"pattern": "^[01]$"}]},
    },
}


@given(st.dictionaries(st.sampled_from(["a", "b", ""]), _item))
def test_a_schema_of_the_package_decides_as_the_library_does(value: dict[str, Any]) -> None:
    assert surely_valid(COMBINED)(value) == Draft202012Validator(COMBINED).is_valid(value)


def test_a_rule_that_is_not_known_is_left_to_the_library() -> None:
    assert not surely_valid({"contains": {"const": 1}})([1])
    assert not surely_valid({"$ref": "#/properties/a", "properties": {"a": {}}})(1)
    assert compile_schema({"contains": {"const": 1}})([1]) == ""


def test_references_may_lead_back_and_a_value_too_deep_for_them_is_left_to_the_library() -> None:
    tree = {"type": ["array", "integer"], "items": {"$ref": "#/$defs/tree"}}
    is_valid = surely_valid({"$defs": {"tree": tree}, "$ref": "#/$defs/tree"})
    assert is_valid([1, [2, [[]]]])
    assert not is_valid([1, [2, [[""]]]])
    deep: list[Any] = []
    for _ in range(sys.getrecursionlimit()):
        deep = [deep]
    assert not is_valid(deep)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "strnig"},
        {"type": []},
        {"type": ["null", "null"]},
        {"required": "a"},
        {"required": ["a", "a"]},
        {"minLength": -1},
        {"maxItems": True},
        {"minimum": "0"},
        {"enum": 3},
        {"properties": []},
        {"properties": {"a": {"items": {"title": 3}}}},
        {"$schema": "http://json-schema.org/draft-07/schema#"},
        {"pattern": "a"},
        {"multipleOf": 0.1},
    ],
)
def test_a_schema_that_is_wrong_or_not_plain_goes_to_the_library(schema: dict[str, Any]) -> None:
    assert not is_plain(schema)


def test_the_usual_values_never_import_the_library() -> None:
    code = """
import sys
from reward_fn.definition import SHIPPED, load_definition
for path in SHIPPED.glob("contract-review.toml"):
    load_definition(path.stem)
from reward_fn.schema import compile_schema
assert compile_schema({"type": "string"})("text") == ""
assert "jsonschema" not in sys.modules
assert compile_schema({"type": "string"})(3) == "type"
assert "jsonschema" in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert done.returncode == 0, done.stderr
