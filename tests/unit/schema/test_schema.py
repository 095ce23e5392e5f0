"""A compiled schema decides as ``jsonschema`` does; no schema or value can hang it or end the process."""

import itertools
import re
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from reward_fn.schema.compiled import BATCH_VALUES_S, NOT_DECIDED, NOT_LOCATED, compile_schema, conforms
from reward_fn.text import batch_time
from tests.factory import ROOT
from tests.guard import bounded_cpu

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
    assert locate({"a": ""}) == "$defs/name/minLength"


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


# Of look-around alone: everything else is searched for in linear time.
@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "^(a|a)*$", r"^(\w+\s?)*$", "(x+x+)+y", r"(.*)*\1c", "(a+)+(?=b)c"]
)
def test_a_pattern_that_backtracks_without_end_is_decided_soon(pattern: str) -> None:
    locate = compile_schema({"items": {"pattern": pattern}})
    with bounded_cpu(2.0):
        assert locate(["a" * 5000 + "!"] * 20) == "items/pattern"


@pytest.mark.parametrize(
    ("pattern", "value", "valid"),
    [
        ("^ab$", "ab", True),
        ("^ab$", "ab\n", False),  # in ECMA-262 "$" is the end, not the last line's
        (r"^\d+$", "४२", False),
        (r"^\p{Lu}", "Éa", True),
        (r"^(?!.*todo).+$", "done", True),
        (r"^(?!.*todo).+$", "a todo", False),
        (r"^(?=.*[0-9])(?=.*[a-z]).{4,}$", "abc1", True),
    ],
)
def test_patterns_mean_what_they_mean_in_json_schema(pattern: str, value: str, valid: bool) -> None:
    assert (compile_schema({"pattern": pattern})(value) == "") is valid


@pytest.mark.parametrize("schema", [{"pattern": "("}, {"pattern": "(a{1000}){1000}"}, {"pattern": 3}])
def test_a_pattern_that_cannot_be_compiled_is_refused(schema: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="not a valid JSON Schema"):
        compile_schema(schema)


def test_three_hundred_large_patterns_are_refused_before_they_take_gigabytes() -> None:
    letters = {f"k{i}": {"pattern": r"^(\p{L}{1,60}){1,9}$"} for i in range(300)}
    with bounded_cpu(2.0), pytest.raises(ValueError, match="all patterns share 16 MB"):
        compile_schema({"properties": letters})
    plain = {f"k{i}": {"pattern": f"^[a-z]{{1,9}}-[0-9]{{{i}}}$"} for i in range(1, 99)}
    assert compile_schema({"properties": plain})({"k2": "abc-12", "k3": "abc-123"}) == ""


def test_data_in_a_schema_is_not_read_as_a_pattern() -> None:
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
    with bounded_cpu(2.0):
        assert locate(lists) == ""


TO_ITSELF = {"$ref": "#"}
DEEP: Any = []
for _ in range(30):
    DEEP = [DEEP]


# Each level tries both: 2 ** 30 ways down.
@pytest.mark.parametrize(
    ("schema", "valid"),
    [
        ({"anyOf": [{"items": TO_ITSELF, "minItems": 2}, {"items": TO_ITSELF, "maxItems": 0}]}, False),
        ({"allOf": [{"items": TO_ITSELF}, {"items": TO_ITSELF}]}, True),
        ({"if": {"items": TO_ITSELF}, "then": {"items": TO_ITSELF}, "else": {"items": TO_ITSELF}}, True),
        ({"$dynamicAnchor": "n", "allOf": [{"items": {"$dynamicRef": "#n"}}] * 2}, True),
    ],
)
def test_a_schema_that_leads_back_to_itself_twice_a_level_ends(schema: dict[str, Any], valid: bool) -> None:
    with bounded_cpu():
        assert compile_schema(schema)(DEEP) == ("" if valid else NOT_LOCATED)


def chain(rule: str, levels: int) -> dict[str, Any]:
    """A schema of definitions each of which refers to the next twice: 2 ** levels schemas."""
    twice = {f"d{i}": {rule: [{"$ref": f"#/$defs/d{i + 1}"}] * 2} for i in range(levels)}
    return {"$defs": {**twice, f"d{levels}": {"type": "string"}}, "$ref": "#/$defs/d0"}


@pytest.mark.parametrize("rule", ["anyOf", "allOf", "prefixItems"])
def test_references_that_multiply_are_refused(rule: str) -> None:
    with bounded_cpu(), pytest.raises(ValueError, match="more than 10000 schemas"):
        compile_schema(chain(rule, 30))
    with pytest.raises(ValueError, match="more than 10000 schemas"):  # a property may have any name
        compile_schema({"properties": {"$defs": {"$ref": "#/$defs/d0"}}, "$defs": chain(rule, 30)["$defs"]})
    assert compile_schema(chain(rule, 5))(["x"] if rule == "prefixItems" else "x") in ("", "$defs/d5/type")


# The library ends the process on some of these.
@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#"},
        {"not": {"$ref": "#"}},
        {"allOf": [{"if": True, "then": {"$ref": "#/allOf/0"}}]},
        {"dependentSchemas": {"a": {"$ref": "#"}}},
        {"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}, "items": {"$ref": "#/$defs/a"}},
        {
            "$defs": {"a": {"unevaluatedProperties": {"$ref": "#/$defs/a"}, "$ref": "#/$defs/a"}},
            "$ref": "#/$defs/a",
        },
        {"$anchor": "me", "anyOf": [{"$ref": "#me"}]},
        {"$defs": {"a": {"$id": "https://a.example/", "not": {"$ref": "#"}}}},
        {"$defs": {"a~b/c": {"$ref": "#/$defs/a~0b~1c"}}},
        {"$defs": {"a b": {"$ref": "#/$defs/a%20b"}}},
        {"$dynamicAnchor": "n", "oneOf": [{"$dynamicRef": "#n"}]},
    ],
)
def test_a_reference_that_leads_back_at_the_same_value_is_refused(schema: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="leads back to itself"):
        compile_schema(schema)


def test_many_definitions_that_build_on_each_other_are_measured_as_they_are_used() -> None:
    layers: dict[str, Any] = {
        f"d{i}": {"properties": {"x": {"$ref": f"#/$defs/d{i + 1}"}}} for i in range(60)
    }
    wide = {f"k{i}": {"$ref": f"#/$defs/d{i}"} for i in range(60)}
    locate = compile_schema({"$defs": {**layers, "d60": {"type": "null"}}, "properties": wide})
    assert locate({"k59": {"x": None}, "k58": {"x": {"x": None}}}) == ""
    assert locate({"k59": {"x": 1}}) == "$defs/d60/type"


# The library ends the process on these, when it compiles them or applies them.
@pytest.mark.parametrize(
    "schema",
    [
        {"items": TO_ITSELF, "unevaluatedItems": False},
        {
            "$defs": {
                "b": {
                    "additionalProperties": {
                        "dependentSchemas": {"k": {"$ref": "#/$defs/b"}},
                        "unevaluatedProperties": {},
                    }
                }
            },
            "contains": {"$ref": "#/$defs/b"},
        },
        {
            "$defs": {
                "a": {
                    "properties": {
                        "k": {"unevaluatedProperties": {}, "if": {}, "else": {"$ref": "#/$defs/a"}}
                    }
                }
            },
            "patternProperties": {"x": {"$ref": "#/$defs/a"}},
        },
    ],
)
def test_unevaluated_parts_of_a_recursive_schema_are_refused(schema: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="in a recursive schema is not supported"):
        compile_schema(schema)


def test_a_schema_of_very_many_levels_is_refused() -> None:
    schema: dict[str, Any] = {}
    for _ in range(3000):
        schema = {"items": schema}
    with pytest.raises(ValueError, match="nested"):
        compile_schema(schema)
    long = {f"d{i}": {"$ref": f"#/$defs/d{i + 1}"} for i in range(500)}
    with pytest.raises(ValueError, match="in a row"):
        compile_schema({"$defs": {**long, "d500": {}}, "$ref": "#/$defs/d0"})


def test_nothing_is_ever_fetched(tmp_path: Path) -> None:
    (tmp_path / "s.json").write_text('{"type": "string"}')
    for reference in ((tmp_path / "s.json").as_uri(), "http://127.0.0.1:9/s.json", "s.json"):
        with pytest.raises(ValueError, match="leads outside the schema"):
            compile_schema({"properties": {"a": {"$ref": reference}}})
        with pytest.raises(ValueError, match="not a valid JSON Schema: Unknown meta-schema"):
            compile_schema({"$schema": reference, "type": "string"})


def test_the_place_of_a_fault_is_not_searched_for_where_that_copies_much() -> None:
    schema = {"anyOf": [{"type": "string"}] * 300}
    assert compile_schema(schema)(["x"]) == "anyOf"
    with bounded_cpu():
        assert compile_schema(schema)(["x" * 800] * 100) == NOT_LOCATED


@pytest.mark.parametrize(
    ("name", "valid", "invalid"),
    [
        ("date", ["2024-02-29"], ["2023-02-29", "29.2.2024", "2024-2-9", "2024-02-29\n", "today"]),
        ("date-time", ["2024-02-29T12:00:00Z"], ["2024-02-29", "2024-02-29T12:00:00", "2024-02-29 12:00Z"]),
        ("time", ["12:00:00+01:00"], ["25:00:00Z", "noon", "12:00"]),
        ("email", ["jo@example.com"], ["jo", "jo@", "Jo <jo@example.com>", "a@b.c, d@e.f"]),
        ("uri", ["https://example.com/a?b"], ["example.com", "/a", "https://example.com/a b"]),
        ("uuid", ["2eb8aa08-aa98-11ea-b4aa-73b441d16380"], ["2eb8aa08aa9811eab4aa73b441d16380", "x"]),
        ("ipv4", ["192.0.2.1"], ["192.0.2.256", "192.0.2", "192.00.2.1"]),
        ("ipv6", ["2001:db8::1"], ["2001::db8::1", "192.0.2.1", "fe80::1%eth0"]),
        ("hostname", ["a.example.com"], ["-a.example", "a_b", ""]),
        ("duration", ["P1DT2H"], ["1 day", "P"]),
        ("json-pointer", ["/a/0"], ["a/0"]),
        ("regex", ["^a+$"], ["(", "["]),
    ],
)
def test_a_format_is_asserted(name: str, valid: list[str], invalid: list[str]) -> None:
    locate = compile_schema({"format": name})
    assert [text for text in valid if locate(text)] == []
    assert [text for text in invalid if not locate(text)] == []
    assert locate(5) == ""


def test_a_format_nobody_knows_passes() -> None:
    assert compile_schema({"format": "colour"})("mauve") == ""


@pytest.mark.parametrize(
    ("step", "value", "valid"),
    [
        (0.01, 19.99, True),
        (0.01, 19.995, False),
        (0.1, 0.3, True),
        (0.0001, 0.0075, True),
        (1e-8, 12.34567891, True),
        (3, 10**30, False),
        (0.1, 1e300, True),
    ],
)
def test_multiples_are_those_of_the_decimal_numbers(step: float, value: float, valid: bool) -> None:
    assert (compile_schema({"multipleOf": step})(value) == "") is valid


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"const": 12345678901234567890}, 12345678901234567891),
        ({"enum": [10**30]}, 10**30 + 1),
        ({"maximum": 9007199254740992}, 9007199254740993),
        ({"const": 9007199254740992.0}, 9007199254740993),
    ],
)
def test_large_numbers_are_compared_exactly(schema: dict[str, Any], value: int) -> None:
    assert compile_schema(schema)(value) != ""


def nested_alternatives(width: int) -> dict[str, Any]:
    inner = {"items": {"oneOf": [{"type": "object"}] * width}}
    return {"items": {"oneOf": [inner] * width}}


def test_combinations_that_multiply_end() -> None:
    """60 alternatives of 60 for each of 16,000 values: 58 million, some ten minutes in ``jsonschema``."""
    locate = compile_schema(nested_alternatives(60))
    with bounded_cpu(20.0):
        assert locate([["x"] * 40] * 400) == NOT_LOCATED


def test_deciding_on_values_counts_against_the_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """By a clock of processor time that is 1.5 s later each time that it is read: before and after."""
    locate = compile_schema({"type": "string"})
    monkeypatch.setattr(time, "process_time", itertools.count(0.0, 1.5).__next__)
    with batch_time.of_batch(lambda: 60.0) as budget:
        assert (locate("a"), locate(1)) == ("", "type")
    assert budget.values_s == 3.0


def test_once_the_values_of_a_batch_have_cost_much_only_small_schemas_decide() -> None:
    large, small = compile_schema(nested_alternatives(20)), compile_schema(nested_alternatives(2))
    with batch_time.of_batch(lambda: 60.0) as budget:
        budget.values_s = BATCH_VALUES_S + 0.1
        assert (large([]), small([])) == (NOT_DECIDED, "")
    with batch_time.of_batch(lambda: 60.0):
        assert (large([]), small([])) == ("", ""), "the next batch has its own time"


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
def test_any_schema_of_the_usual_rules_decides_as_the_library_does(
    schema: dict[str, Any], value: Any
) -> None:
    assert (compile_schema(schema)(value) == "") == Draft202012Validator(schema).is_valid(value)


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
    assert conforms(COMBINED, value) == Draft202012Validator(COMBINED).is_valid(value)


# Half of a surrogate pair crashes the extension; TOML has dates, and a test may nest without end.
@pytest.mark.parametrize("value", ["\ud800", {"\udc00": 1}, {"a": date(2024, 2, 29)}])
def test_a_value_that_is_not_json_surely_conforms_to_nothing(value: Any) -> None:
    assert not conforms({}, value)


def test_the_usual_values_never_import_the_slow_library() -> None:
    code = """
import sys
from reward_fn.definition.load import SHIPPED, load_definition
for path in SHIPPED.glob("contract-review.toml"):
    load_definition(path.stem)
from reward_fn.schema.compiled import compile_schema
assert compile_schema({"type": "string"})("text") == ""
assert compile_schema({"type": "string"})(3) == "type"
assert "jsonschema" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert done.returncode == 0, done.stderr
