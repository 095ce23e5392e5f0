"""Exports of other tools: the labels in them, and what is left out and why."""

import json
from pathlib import Path
from typing import Any

import pytest

from reward_fn.types.rubric import Criterion
from rewardctl.labels.imports import TOOLS, of_rows, read_export
from rewardctl.labels.label import Label, LabelError

CRITERIA = {
    each.name: each
    for each in (
        Criterion("Clear", "Is it clear?"),
        Criterion("Tone_Of_Voice", "Which tone?", choices=("rude", "neutral", "kind")),
        Criterion("Apt", "Is the comment apt?", scope="item"),
    )
}


def labels_in(
    folder: Path, tool: str, content: Any, labeller: str = ""
) -> tuple[list[Label], dict[str, int]]:
    """The labels of an export and the counts of what was left out; a list of lines is JSON Lines."""
    path = folder / "export"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    imported = read_export(path, tool, CRITERIA, labeller)
    return list(imported.labels), dict(imported.left_out)


def lines(*values: Any) -> str:
    return "".join(json.dumps(value) + "\n" for value in values)


def test_each_tool_of_the_issue_has_a_module() -> None:
    assert sorted(TOOLS) == ["argilla", "label-studio", "prodigy"]


# Argilla


def argilla(responses: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": "q-1", "fields": {}, "metadata": {}, "suggestions": {}, "responses": responses, **more}


def test_argilla_responses_become_labels_of_their_users(tmp_path: Path) -> None:
    responses = {
        "clear": [{"value": "Yes", "user_id": "u1"}, {"value": "no", "user_id": "u2"}],
        "tone-of-voice": [{"value": 3, "user_id": "u1"}],
    }
    assert labels_in(tmp_path, "argilla", [argilla(responses)])[0] == [
        Label("q-1", "u1", {"Clear": "yes"}),
        Label("q-1", "u2", {"Clear": "no"}),
        Label("q-1", "u1", {"Tone_Of_Voice": "kind"}),
    ]


def test_argilla_drafts_discarded_responses_and_other_questions_are_left_out(tmp_path: Path) -> None:
    responses = {
        "clear": [
            {"value": "yes", "user_id": "u1", "status": "submitted"},
            {"value": "no", "user_id": "u2", "status": "draft"},
            {"value": "no", "user_id": "u3", "status": "discarded"},
        ],
        "comment": [{"value": "well", "user_id": "u1"}],
    }
    given, left_out = labels_in(tmp_path, "argilla", [argilla(responses)])
    assert [label.labeller for label in given] == ["u1"]
    assert left_out == {
        "the response is draft": 1,
        "the response is discarded": 1,
        "'comment' is no criterion of the definition": 1,
    }


def test_argilla_metadata_name_the_row_and_the_item(tmp_path: Path) -> None:
    record = argilla({"apt": [{"value": "yes", "user_id": "u"}]}, metadata={"row_id": "q-9", "item": 2})
    assert labels_in(tmp_path, "argilla", [record])[0] == [Label("q-9", "u", items={2: {"Apt": "yes"}})]


def test_flat_argilla_records_are_read(tmp_path: Path) -> None:
    record = {
        "id": "q-1",
        "clear.responses": ["yes", "no"],
        "clear.responses.users": ["u1", "u2"],
        "clear.responses.status": ["submitted", "draft"],
        "clear.suggestion": "no",
    }
    assert labels_in(tmp_path, "argilla", lines(record))[0] == [Label("q-1", "u1", {"Clear": "yes"})]


# Label Studio


def annotation(*results: tuple[str, dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {
        "completed_by": 10,
        "was_cancelled": False,
        "result": [
            {"from_name": name, "to_name": "t", "type": "x", "value": value} for name, value in results
        ],
        **more,
    }


def test_label_studio_choices_and_ratings_become_labels(tmp_path: Path) -> None:
    task = {
        "id": 1,
        "data": {"id": "q-1"},
        "annotations": [
            annotation(("Clear", {"choices": ["yes"]}), ("tone_of_voice", {"rating": 1})),
            annotation(("Clear", {"choices": ["No"]}), completed_by={"id": 3, "email": "bob@example.com"}),
        ],
    }
    assert labels_in(tmp_path, "label-studio", [task])[0] == [
        Label("q-1", "10", {"Clear": "yes"}),
        Label("q-1", "10", {"Tone_Of_Voice": "rude"}),
        Label("q-1", "bob@example.com", {"Clear": "no"}),
    ]


def test_label_studio_predictions_and_cancelled_annotations_are_left_out(tmp_path: Path) -> None:
    task = {
        "id": 7,
        "data": {},
        "annotations": [
            annotation(("Clear", {"choices": ["no"]}), was_cancelled=True),
            annotation(("Clear", {"choices": ["yes"]}), ("Clear", {"text": ["a remark"]})),
        ],
        "predictions": [annotation(("Clear", {"choices": ["no"]}))],
    }
    given, left_out = labels_in(tmp_path, "label-studio", [task])
    assert given == [Label(7, "10", {"Clear": "yes"})]
    assert left_out == {
        "the annotation was cancelled": 1,
        "a result of the type 'x', not choices or rating": 1,
    }


def test_the_short_form_of_label_studio_is_read(tmp_path: Path) -> None:
    task = {"id": "q-1", "text": "An answer.", "Clear": "yes", "annotator": 4, "annotation_id": 9}
    assert labels_in(tmp_path, "label-studio", [task])[0] == [Label("q-1", "4", {"Clear": "yes"})]


# Prodigy


def test_prodigy_accepts_and_rejects_a_label(tmp_path: Path) -> None:
    tasks = [
        {"text": "t", "label": "Clear", "answer": answer, "meta": {"id": "q-1"}, "_annotator_id": "set-ann"}
        for answer in ("accept", "reject", "ignore")
    ]
    given, left_out = labels_in(tmp_path, "prodigy", lines(*tasks))
    assert given == [Label("q-1", "set-ann", {"Clear": answer}) for answer in ("yes", "no")]
    assert left_out == {"the task was ignored": 1}


def test_prodigy_options_are_the_answers_to_the_named_criterion(tmp_path: Path) -> None:
    options = [{"id": choice, "text": choice} for choice in ("rude", "neutral", "kind")]
    task = {"id": "q-1", "criterion": "Tone_Of_Voice", "options": options, "accept": ["kind"]}
    given, left_out = labels_in(
        tmp_path, "prodigy", lines({**task, "answer": "accept"}, {**task, "answer": "reject"}), "ann"
    )
    assert given == [Label("q-1", "ann", {"Tone_Of_Voice": "kind"})]
    assert left_out == {"the task was rejected, so none of its options is an answer": 1}


def test_prodigy_options_that_are_criteria_are_yes_where_chosen(tmp_path: Path) -> None:
    task = {
        "id": "q-1",
        "item": 0,
        "options": [{"id": "Clear"}, {"id": "Apt"}],
        "accept": ["Apt"],
        "answer": "accept",
    }
    assert labels_in(tmp_path, "prodigy", lines(task))[0] == [
        Label("q-1", "", {"Clear": "no"}),
        Label("q-1", "", items={0: {"Apt": "yes"}}),
    ]


# All tools


def test_the_whole_answer_is_labelled_by_a_question_named_overall(tmp_path: Path) -> None:
    record = argilla({"overall": [{"value": "no", "user_id": "u"}, {"value": 0.25, "user_id": "v"}]})
    given, _ = labels_in(tmp_path, "argilla", [record])
    assert [label.overall for label in given] == [0.0, 0.25]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("perhaps", "an answer to 'Clear' that it does not allow"),
        (["yes", "no"], "an answer to 'Clear' that it does not allow"),
        (4, "an answer to 'Clear' that it does not allow"),
    ],
)
def test_an_answer_that_the_criterion_does_not_allow_is_left_out(
    tmp_path: Path, value: Any, reason: str
) -> None:
    responses = {"clear": [{"value": value, "user_id": "u"}, {"value": True, "user_id": "u"}]}
    given, left_out = labels_in(tmp_path, "argilla", [argilla(responses)])
    assert ([label.labels for label in given], left_out) == ([{"Clear": "yes"}], {reason: 1})


def test_an_item_criterion_without_an_item_and_a_task_without_an_id_are_left_out(tmp_path: Path) -> None:
    yes = [{"value": "yes", "user_id": "u"}]
    content = [argilla({"apt": yes, "clear": yes}), argilla({"clear": yes}, id=None)]
    given, left_out = labels_in(tmp_path, "argilla", content)
    assert len(given) == 1
    assert left_out == {"'Apt' is about items, and no item is named": 1, "no id of a row": 1}


@pytest.mark.parametrize(
    ("tool", "content", "words"),
    [
        ("argilla", "[{]", "is not an export of argilla: JSONDecodeError"),
        ("argilla", '[{"id": 1}]', "holds no label that can be used: it is empty"),
        ("argilla", '[{"id": 1, "responses": {"clear": [3]}}]', "is not an export of argilla"),
        ("argilla", "[3]", "entry 1 is not an object"),
        ("prodigy", '{"text": "t"}\n', "is not an export of prodigy: KeyError, 'answer'"),
        ("prodigy", '{"answer"\n', "line 1 is not JSON"),
        ("label-studio", '[{"annotations": 3}]', "is not an export of label-studio"),
    ],
)
def test_another_file_is_refused(tmp_path: Path, tool: str, content: str, words: str) -> None:
    with pytest.raises(LabelError) as caught:
        labels_in(tmp_path, tool, content)
    assert words in str(caught.value)


def test_a_missing_export_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match="can't be read"):
        read_export(tmp_path / "none", "argilla", CRITERIA, "")


def test_labels_of_other_rows_are_told_apart() -> None:
    labels = [Label("a", "u"), Label(7, "u"), Label("c", "u")]
    assert of_rows(labels, ["a", "7"]) == (labels[:2], labels[2:])
