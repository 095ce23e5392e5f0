"""The material of a rollout: everything that its judge is shown, looked up once."""

import json
from typing import Any

import pytest

from reward_fn.event.material import find_material
from reward_fn.types.material import Material
from reward_fn.types.rollout import Rollout
from reward_fn.types.rubric import Document
from reward_fn.types.unscored import Reason, Unscored
from tests.factory import rollout
from tests.unit.rubric import criterion, judge_spec

A = criterion("A")
FIRST = Document("first", ("metadata.a", "metadata.b"))
SECOND = Document("second", ("metadata.c",))


def test_documents_come_by_name_in_the_definitions_order_from_the_first_source_with_text() -> None:
    spec = judge_spec(A, documents=(SECOND, FIRST))
    judged = rollout("x", metadata={"a": " ", "b": "text b", "c": "text c"})
    found = find_material(judged, spec)
    assert isinstance(found, Material)
    assert found.rollout is judged
    assert list(found.documents.items()) == [("second", "text c"), ("first", "text b")]


def test_an_optional_document_without_text_is_left_out() -> None:
    optional = Document("maybe", ("metadata.c",), optional=True)
    found = find_material(rollout("x", metadata={"a": "text"}), judge_spec(A, documents=(optional, FIRST)))
    assert isinstance(found, Material)
    assert dict(found.documents) == {"first": "text"}
    assert found.reference == "", "the mode compares with nothing"


def test_a_missing_document_is_named_with_its_sources() -> None:
    assert find_material(rollout("x"), judge_spec(A, documents=(FIRST,))) == Unscored(
        Reason.NO_SOURCE, "no text under metadata.a or metadata.b for the document 'first'"
    )


def test_the_reference_is_the_text_to_compare_with_and_without_it_a_rollout_is_unscored() -> None:
    spec = judge_spec(A, mode="pairwise", against=("reference_answer", "metadata.gold"))
    found = find_material(rollout("x", metadata={"gold": "gold"}), spec)
    assert isinstance(found, Material)
    assert found.reference == "gold"
    assert find_material(rollout("x"), spec) == Unscored(
        Reason.NO_SOURCE, "no text under reference_answer or metadata.gold to compare with"
    )


@pytest.mark.parametrize(
    ("response", "items"),
    [
        ({"comments": [1, {"a": 2}]}, [1, {"a": 2}]),
        ({"comments": []}, []),
        ({"comments": {"0": 1}}, None),
        ({"other": [1]}, None),
        ([1], None),
    ],
)
def test_items_are_the_elements_of_the_list_in_the_answer(response: Any, items: list[Any] | None) -> None:
    found = find_material(rollout(json.dumps(response)), judge_spec(A, items="comments"))
    assert isinstance(found, Material)
    assert found.items == items


def test_a_definition_without_items_has_none_whatever_the_answer_holds() -> None:
    found = find_material(rollout('{"": [1], "comments": [1]}'), judge_spec(A))
    assert isinstance(found, Material)
    assert found.items is None


def test_own_criteria_are_added_only_if_the_definition_allows_them() -> None:
    judged: Rollout = rollout("x", metadata={"rubric": [{"name": "Own", "question": "Is it short?"}]})
    for allowed, names in ((True, ["A", "Own"]), (False, ["A"])):
        found = find_material(judged, judge_spec(A, own_rubric=allowed))
        assert isinstance(found, Material)
        assert [c.name for c in found.spec.criteria] == names


def test_an_own_criterion_that_cannot_be_used_leaves_the_rollout_unscored() -> None:
    judged = rollout("x", metadata={"rubric": [{"name": "A", "question": "Is it short?"}]})
    assert find_material(judged, judge_spec(A, own_rubric=True)) == Unscored(
        Reason.BAD_ROW, "metadata.rubric[0]: a name that is taken"
    )
