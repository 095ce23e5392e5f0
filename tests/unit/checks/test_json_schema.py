"""The answer is JSON and keeps to a schema."""

import itertools
import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reward_fn.checks.json_schema import BATCH_S, MAX_SCHEMA_VALUES
from reward_fn.definition.load import SHIPPED
from reward_fn.text import batch_time
from reward_fn.types.check import CheckResult
from reward_fn.types.unscored import Reason, Unscored
from tests.factory import check, rollout, score_of
from tests.guard import bounded_cpu

SCHEMA = {
    "type": "object",
    "required": ["comments"],
    "properties": {
        "comments": {
            "type": "array",
            "maxItems": 3,
            "items": {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}},
        }
    },
}
CHECK = check("json_schema", schema=SCHEMA)
SHIPPED_CHECK = check("json_schema", SHIPPED, schema="contract_review.schema.json")


def verdict(response: str) -> CheckResult:
    """What the check says; it always has an answer."""
    result = CHECK(rollout(response))
    assert isinstance(result, CheckResult)
    return result


GOOD = '{"comments": [{"text": "a"}]}'


@pytest.mark.parametrize(
    "response",
    [
        GOOD,
        '{"comments": [], "more": null}',
        f"\n{GOOD}\n",
        f"```json\n{GOOD}\n```",
        f"```\n{GOOD}\n```",
        f"<think>{{}}</think>{GOOD}",
        f"<|begin_of_thought|>hm<|end_of_thought|>\n<|begin_of_solution|>{GOOD}<|end_of_solution|>",
        f"<|begin_of_solution|>\n```json\n{GOOD}\n```\n<|end_of_solution|>",
    ],
)
def test_an_answer_that_keeps_to_the_schema_passes_under_tags_and_one_fence(response: str) -> None:
    assert verdict(response) == CheckResult(1.0)


@pytest.mark.parametrize(
    ("response", "detail"),
    [
        ("", "empty"),
        ("<think>hm</think>", "empty"),
        ("I would say:", "not JSON: "),
        (f"Here it is: {GOOD}", "not JSON: "),
        (f"{GOOD}\nHope this helps!", "not JSON: "),
        (f"```json\n{GOOD}", "not JSON: "),
        (GOOD[:-1], "not JSON: "),
        ("[]", "violates the schema at type"),
        ("null", "violates the schema at type"),
        ("5", "violates the schema at type"),
        ("{}", "violates the schema at required"),
        ('{"comments": {}}', "violates the schema at properties/comments/type"),
        ('{"comments": [{}]}', "violates the schema at properties/comments/items/required"),
        (
            '{"comments": [{"text": 5}]}',
            "violates the schema at properties/comments/items/properties/text/type",
        ),
        (
            json.dumps({"comments": [{"text": "a"}] * 4}),
            "violates the schema at properties/comments/maxItems",
        ),
        ('{"comments": [NaN]}', "not JSON: a number that is not finite or too long"),
    ],
)
def test_a_detail_names_the_fault_or_its_place_in_the_schema(response: str, detail: str) -> None:
    result = verdict(response)
    assert result.score == 0.0
    assert result.detail.startswith(detail)


@pytest.mark.parametrize(
    "response",
    [
        '{"the-secret": 1}',
        '{"comments": ["the-secret"]}',
        '{"comments": [{"text": ["the-secret"]}]}',
        "the-secret",
    ],
)
def test_a_detail_does_not_quote_the_answer(response: str) -> None:
    result = verdict(response)
    assert result.score == 0.0
    assert "secret" not in result.detail


# The shipped schema


def review(**changes: Any) -> str:
    """A review of one comment that keeps to the shipped schema, but for ``changes``."""
    comment = {
        "type": "liability",
        "text_excerpt": "shall be unlimited",
        "recommended_action": "Cap it.",
        **changes,
    }
    return json.dumps({"comments": [{k: v for k, v in comment.items() if v is not None}]})


@pytest.mark.parametrize("changes", [{}, {"comment_id": 1}, {"comment_id": "c1"}, {"more": [1]}])
def test_a_good_review_keeps_to_the_shipped_schema(changes: dict[str, Any]) -> None:
    assert SHIPPED_CHECK(rollout(review(**changes))) == CheckResult(1.0)


@pytest.mark.parametrize(
    "changes",
    [
        *({key: None} for key in ("type", "text_excerpt", "recommended_action")),
        *({key: ""} for key in ("type", "text_excerpt", "recommended_action")),
        *({key: 5} for key in ("type", "text_excerpt", "recommended_action")),
        {"text_excerpt": "x" * 2001},
        {"comment_id": 1.5},
    ],
    ids=str,
)
def test_a_comment_that_lacks_a_part_breaks_the_shipped_schema(changes: dict[str, Any]) -> None:
    assert score_of(SHIPPED_CHECK, rollout(review(**changes))) == 0.0


# Building


def test_a_schema_file_lies_beside_the_definition(tmp_path: Path) -> None:
    (tmp_path / "s.json").write_text('{"type": "array"}', encoding="utf-8")
    built = check("json_schema", tmp_path, schema="s.json")
    assert built(rollout("[]")) == CheckResult(1.0)
    assert built(rollout("{}")) == CheckResult(0.0, "violates the schema at type")


@pytest.mark.parametrize(
    ("schema", "complaint"),
    [
        ("none.json", "cannot read 'none.json' beside the definition"),
        (".", "cannot read '.' beside the definition"),
        ({"type": 5}, r"not a valid JSON Schema at \$\.type"),
        ({"$ref": "https://example.com/a"}, "leads outside the schema"),
        ({"$ref": "#/$defs/none"}, "is not in the schema"),
        ({"properties": {"a": {"$dynamicRef": "#none"}}}, "is not in the schema"),
    ],
)
def test_a_schema_that_could_not_decide_is_refused_at_load(
    tmp_path: Path, schema: Any, complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        check("json_schema", tmp_path, schema=schema)


def test_a_reference_inside_the_schema_is_followed() -> None:
    schema = {"$defs": {"even": {"multipleOf": 2}}, "items": {"$ref": "#/$defs/even"}, "type": "array"}
    built = check("json_schema", schema=schema)
    assert built(rollout("[2, 4]")) == CheckResult(1.0)
    assert built(rollout("[2, 3]")) == CheckResult(0.0, "violates the schema at $defs/even/multipleOf")


def test_an_older_draft_is_obeyed_where_the_schema_names_it() -> None:
    # In draft 7 "items" may be a list of schemas, in 2020-12 that is "prefixItems".
    schema = {"$schema": "http://json-schema.org/draft-07/schema#", "items": [{"type": "string"}]}
    built = check("json_schema", schema=schema)
    assert built(rollout('["a", 5]')) == CheckResult(1.0)
    assert built(rollout("[5]")).detail.startswith("violates the schema at items/0/")


# Hostile text

HOSTILE = {
    "a megabyte of brackets": "[" * 1_000_000,
    "50,000 nested objects": '{"comments":' * 50_000 + "1" + "}" * 50_000,
    "20,000 digits": '{"comments": [' + "9" * 20_000 + "]}",
    "1e999": '{"comments": [1e999]}',
    "500 empty comments": json.dumps({"comments": [{}] * 500}),
    "20,000 values": json.dumps({"comments": [{"text": [[0] * 40] * 480}]}),
    "long keys": json.dumps({"x" * 300_000: 1}),
    "NULs": '{"comments": ["' + "\\u0000" * 60_000 + '"]}',
    "lone surrogates": '{"comments": ["' + "\\ud800" * 60_000 + '"]}',
    "spaces": " " * 2_000_000,
}


@pytest.mark.parametrize("response", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_fails_in_bounded_time(response: str) -> None:
    with bounded_cpu():
        assert verdict(response).score == 0.0


@pytest.mark.parametrize("response", ["{}", '{"a": {"b": {}}}', "[" * 30 + "]" * 30, GOOD])
def test_a_schema_that_refers_to_itself_decides_on_every_value(response: str) -> None:
    schema = {"$id": "https://example.com/tree", "type": "object", "additionalProperties": {"$ref": "#"}}
    result = check("json_schema", schema=schema)(rollout(response))
    assert isinstance(result, CheckResult)


@given(st.text() | st.text(alphabet='{}[]":,comentsx0123456789'))
def test_any_text_passes_or_fails(response: str) -> None:
    assert verdict(response).score in {0.0, 1.0}


@pytest.mark.parametrize(
    "schema",
    [
        {"pattern": "(a{1000}){1000}"},
        {"$ref": "#"},
        "[" * 90_000,
        {"type": 5},
        '{"$ref": "#/none"}',
        "no JSON",
        [1],
    ],
)
def test_a_hopeless_schema_that_rows_bring_costs_its_rollouts_nothing_but_their_score(schema: Any) -> None:
    judged = check("json_schema", schema_from=["metadata.schema"])
    with bounded_cpu():
        results = {judged(rollout("1", metadata={"schema": schema})) for _ in range(128)}
    assert [type(result) for result in results] == [Unscored]


# What a rollout's own schema may cost

BROUGHT = check("json_schema", schema_from=["metadata.schema"])


def brought(schema: Any) -> CheckResult | Unscored:
    return BROUGHT(rollout("{}", metadata={"schema": schema}))


def test_patterns_that_need_too_much_memory_leave_a_rollout_unscored_with_the_reason() -> None:
    patterns = {f"k{i}": {"pattern": rf"^(\p{{L}}{{1,60}}){{1,{i % 9 + 1}}}$"} for i in range(300)}
    with bounded_cpu(2.0):
        found = brought({"properties": patterns})
    assert isinstance(found, Unscored)
    assert found.reason is Reason.NO_SOURCE
    assert "can't be used: it is not valid, or takes too much to apply" in found.detail


def test_a_schema_of_very_many_parts_is_not_compiled() -> None:
    found = brought({"allOf": [{}] * MAX_SCHEMA_VALUES})
    assert isinstance(found, Unscored)
    assert found.detail.endswith("it has more than 2000 parts")


def test_what_is_no_schema_says_so() -> None:
    found = brought("[1]")
    assert isinstance(found, Unscored)
    assert found.detail.endswith("it is not an object, or is nested deeper than 32 levels")


def test_schemas_that_come_after_the_time_of_the_batch_are_unscored_and_well_in_the_next() -> None:
    known, late = {"type": "object", "title": "known"}, {"type": "object", "title": "late"}
    assert brought(known) == CheckResult(1.0)
    with batch_time.of_batch(lambda: 60.0) as budget:
        budget.schemas_s = BATCH_S + 1.0
        assert brought(known) == CheckResult(1.0), "it is compiled already"
        assert brought(late) == Unscored(Reason.DEADLINE, "the schemas of the batch took more than 4 s")
    with batch_time.of_batch(lambda: 60.0):
        assert brought(late) == CheckResult(1.0)


def test_compiling_counts_against_the_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """By a clock of processor time that is 1.5 s later each time that it is read: before and after."""
    monkeypatch.setattr(time, "process_time", itertools.count(0.0, 1.5).__next__)
    with batch_time.of_batch(lambda: 60.0) as budget:
        brought({"allOf": [{}] * 500, "title": "counted"})
    assert budget.schemas_s == 1.5
