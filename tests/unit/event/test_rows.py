"""Rows of the open-weight callers, and the one reference that all forms come down to."""

import json
from typing import Any

import pytest

from reward_fn.definition.load import load_definition
from reward_fn.event.parse import parse_event
from reward_fn.event.rows import Turns, read_turns
from reward_fn.event.turns import Turn
from reward_fn.paths import look_up
from reward_fn.pipeline import examine
from reward_fn.types.check import CheckResult
from reward_fn.types.rollout import Message, Rejected, Rollout
from reward_fn.types.unscored import Reason
from tests.factory import row


def only(event_row: Any) -> Rollout:
    """The rollout of one good row."""
    (entry,) = parse_event([event_row])
    assert isinstance(entry, Rollout), entry
    return entry


def refused(event_row: Any) -> Rejected:
    """The rejection of one bad row."""
    (entry,) = parse_event([event_row])
    assert isinstance(entry, Rejected)
    return entry


def verl(**fields: Any) -> dict[str, Any]:
    """A row of open-weight training after generation; ``fields`` are added or replace those here."""
    asked = {"role": "user", "content": "Q"}
    return {
        "data_source": "sums",
        "prompt": [asked],
        "ability": "math",
        "reward_model": {"ground_truth": "18", "style": "rule"},
        "extra_info": {"index": 3, "split": "train"},
        "messages": [asked, {"role": "assistant", "content": "A"}],
        **fields,
    }


def scorer(**fields: Any) -> dict[str, Any]:
    """A row of the open-weight custom scorer."""
    return {
        "id": "h",
        "query": "Q",
        "model_response": "A",
        "response": "gold",
        "reference_answer": {"text": "gold"},
        "metadata": {},
        "processor_config": {},
        **fields,
    }


ANSWER = {"role": "assistant", "content": "A"}


# verl


def test_a_verl_row_has_its_answer_in_messages_and_its_reference_in_reward_model() -> None:
    found = only(verl())
    assert (found.id, found.prompt, found.response, found.reference_answer) == ("missing-0", "Q", "A", "18")
    assert found.metadata["reward_model"]["style"] == "rule"
    assert found.metadata["extra_info"] == {"index": 3, "split": "train"}
    assert (found.metadata["data_source"], found.metadata["ability"]) == ("sums", "math")


@pytest.mark.parametrize("messages", [[ANSWER], [{"role": "nova_assistant", "content": [{"text": "A"}]}]])
@pytest.mark.parametrize(
    ("prompt", "before"),
    [
        ("Q", [("user", "Q")]),
        ({"text": "Q"}, [("user", "Q")]),
        ([{"type": "text", "text": "Q"}], [("user", "Q")]),
        (["Q", "R"], [("user", "Q\nR")]),
        (
            [{"role": "system", "content": "S"}, {"role": "user", "content": "Q"}],
            [("system", "S"), ("user", "Q")],
        ),
        ([{"role": "user", "content": [{"text": "Q"}]}, ANSWER], [("user", "Q"), ("assistant", "A")]),
        ([], []),
        (None, []),
    ],
)
def test_what_was_asked_is_taken_from_the_prompt_where_messages_hold_the_answer_alone(
    prompt: Any, before: list[tuple[str, str]], messages: list[Any]
) -> None:
    found = only(verl(prompt=prompt, messages=messages))
    assert (found.response, [(m.role, m.text) for m in found.messages]) == ("A", before)


@pytest.mark.parametrize("prompt", ["another", [{"role": "user", "content": "another"}], 5, [5], {"text": 5}])
def test_messages_that_hold_the_question_too_have_the_last_word_over_any_prompt(prompt: Any) -> None:
    assert only(verl(prompt=prompt)).prompt == "Q"


def test_rollouts_of_one_prompt_are_a_group_wherever_the_prompt_stands() -> None:
    assert only(verl()).group == only(verl(prompt="Q", messages=[ANSWER])).group
    assert only(verl()).group != only(verl(reward_model={"ground_truth": "19"})).group


def test_a_prompt_that_ends_in_an_assistants_turn_is_the_conversation_itself() -> None:
    # AWS's template for open-weight models reads the answer out of prompt where there are no messages.
    conversation = [{"role": "user", "content": "Q"}, ANSWER]
    for row_ in (verl(prompt=conversation, messages=None), {"prompt": conversation}):
        found = only(row_)
        assert (found.prompt, found.response) == ("Q", "A")


def test_all_turns_of_a_prompt_but_its_answer_are_the_question() -> None:
    turns = [{"role": "system", "content": "S"}, {"role": "user", "content": "Q"}, ANSWER]
    found = only({"prompt": turns})
    assert (found.messages, found.response) == ((Message("system", "S"), Message("user", "Q")), "A")


def test_a_custom_scorers_answer_is_named_if_it_cannot_be_read_and_is_no_metadata() -> None:
    detail = "row 0: model_response is a number; send a string or a list of text blocks"
    assert refused(scorer(model_response=5)).detail == detail
    assert "model_response" not in only(scorer()).metadata


def test_an_assistants_turn_within_a_prompt_is_an_example_and_no_answer() -> None:
    shots = [{"role": "user", "content": "1+1"}, ANSWER, {"role": "user", "content": "Q"}]
    assert refused({"prompt": shots}).reason is Reason.NO_RESPONSE
    assert refused(verl(prompt=shots, messages=[])).reason is Reason.NO_RESPONSE


@pytest.mark.parametrize(
    ("fields", "detail"),
    [
        ({"prompt": 5, "messages": None}, "prompt is a number; send a string"),
        ({"prompt": [5], "messages": None}, "prompt[0] is a number; send a string"),
        ({"prompt": [{"role": "user"}, "x"], "messages": None}, "prompt[1] is not an object with a role"),
        ({"prompt": [{"role": 5}], "messages": [ANSWER]}, "prompt[0] is not an object with a role"),
        ({"prompt": [{"role": "user", "content": 5}], "messages": []}, "prompt[0].content is a number"),
        ({"prompt": None, "messages": None}, "no messages; send a list of"),
        ({"prompt": [], "messages": None}, "no messages; send a list of"),
        ({"messages": "A"}, "messages is a string; send a list of"),
    ],
)
def test_a_prompt_that_is_needed_and_can_t_be_read_makes_a_bad_row(
    fields: dict[str, Any], detail: str
) -> None:
    found = refused(verl(**fields))
    assert found.reason is Reason.BAD_ROW
    assert found.detail.startswith(f"row 0: {detail}")


# The custom scorer


def test_a_custom_scorers_row_is_judged_by_model_response_against_the_gold_response() -> None:
    found = only(scorer())
    assert (found.id, found.response, found.reference_answer) == ("h", "A", "gold")
    assert found.messages == (Message("user", "Q"),)
    assert found.metadata["processor_config"] == {}


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("A", "A"),
        ("", ""),
        (None, ""),
        (["A", {"text": "B"}], "A\nB"),
        ({"text": "A"}, "A"),
        ([{"image": 1}], ""),
    ],
)
def test_model_response_has_every_shape_of_content(content: Any, text: str) -> None:
    found = only(scorer(model_response=content, query=content))
    assert (found.response, found.messages) == (text, (() if content is None else (Message("user", text),)))


@pytest.mark.parametrize("model_response", [5, True, ["A", 5], [["A"]]])
def test_a_model_response_that_can_t_be_read_makes_a_bad_row(model_response: Any) -> None:
    found = refused(scorer(model_response=model_response))
    assert found.reason is Reason.BAD_ROW
    assert "model_response" in found.detail


def test_a_generated_turn_in_messages_comes_before_a_column_called_model_response() -> None:
    # In training, any column of the data set comes along: a baseline's answers, say.
    columns = {"model_response": "baseline", "response": "other"}
    found = only({**row("A", reference_answer={"text": "T"}), **columns})
    assert (found.response, found.reference_answer) == ("A", {"text": "T"})
    assert found.metadata == columns


def test_messages_without_an_answer_are_the_question_to_a_model_response() -> None:
    asked = [{"role": "system", "content": "S"}, {"role": "user", "content": "Q"}]
    found = only(scorer(messages=asked, query="another"))
    assert (found.prompt, found.response, found.reference_answer) == ("[system]\nS\n\nQ", "A", "gold")


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ({"text": "T"}, "T"),
        ({"type": "text", "text": "T"}, "T"),
        ('{"text": "T"}', "T"),
        ({"text": '{"answer": 18}'}, '{"answer": 18}'),
        ({"text": 18}, 18),
        ("T", "T"),
        (18, 18),
        (0, 0),
        (["T"], ["T"]),
        ({"answer": "18"}, {"answer": "18"}),
        ({"text": "T", "answer": "18"}, {"text": "T", "answer": "18"}),
        # nothing in it: the gold answer
        (None, "gold"),
        ("", "gold"),
        (" ", "gold"),
        ({}, "gold"),
        ({"text": ""}, "gold"),
        ({"text": None}, "gold"),
        ({"type": "text"}, "gold"),
    ],
)
def test_a_custom_scorers_reference_is_the_text_in_its_wrapping_or_else_the_gold_answer(
    sent: Any, read: Any
) -> None:
    assert only(scorer(reference_answer=sent)).reference_answer == read


def test_a_path_leads_into_a_gold_answer_that_is_json_text() -> None:
    gold = json.dumps({"target_document": "D", "reference": "R"})
    found = only({"query": "Q", "model_response": "A", "response": gold})
    assert found.reference_answer == gold
    assert look_up(found, "reference_answer.target_document") == "D"


@pytest.mark.parametrize("reference", ["", {}, {"text": ""}, None])
def test_without_any_gold_answer_nothing_is_made_up(reference: Any) -> None:
    found = only(scorer(reference_answer=reference, response=None)).reference_answer
    assert found in (None, "")


# One reference for all


SENT: list[tuple[str, dict[str, Any]]] = [
    ("top", {"reference_answer": "top"}),
    ("below", {"metadata": {"reference_answer": "below"}}),
    ("truth", {"reward_model": {"ground_truth": "truth", "style": "rule"}}),
    ("gold", {"response": "gold"}),
]


@pytest.mark.parametrize("first", range(len(SENT)))
def test_the_reference_comes_from_the_first_place_that_has_one(first: int) -> None:
    fields = {key: value for _, part in SENT[first:] for key, value in part.items()}
    assert only({"query": "Q", "model_response": "A", **fields}).reference_answer == SENT[first][0]


@pytest.mark.parametrize("first", range(len(SENT) - 1))
def test_only_a_custom_scorers_response_is_a_gold_answer(first: int) -> None:
    fields = {key: value for _, part in SENT[first:] for key, value in part.items()}
    assert only({**row(), **fields}).reference_answer == SENT[first][0]
    assert only({**row(), "response": "gold"}).reference_answer is None


@pytest.mark.parametrize(
    ("reward_model", "read"),
    [
        ({"ground_truth": "18"}, "18"),
        ({"ground_truth": 18, "style": "rule"}, 18),
        ({"ground_truth": ["18", "18.0"]}, ["18", "18.0"]),
        ({"ground_truth": '{"answer": "18"}'}, '{"answer": "18"}'),
        ('{"ground_truth": "18", "style": "rule"}', "18"),
        ({"ground_truth": ""}, ""),
        ({"ground_truth": None}, None),
        ({"style": "model"}, None),
        ({}, None),
        (None, None),
        ("a reward model's name", None),
        (["18"], None),
        (5, None),
    ],
)
def test_verls_ground_truth_may_have_any_shape_and_a_reward_model_of_another_kind_is_none(
    reward_model: Any, read: Any
) -> None:
    assert only(verl(reward_model=reward_model)).reference_answer == read


@pytest.mark.parametrize(
    "make",
    [
        lambda answer: row(answer, reference_answer={"answer": "18"}),
        lambda answer: row(answer, metadata={"reference_answer": "18"}),
        lambda answer: row([{"type": "text", "text": answer}], reference_answer='{"answer": 18}'),
        lambda answer: verl(messages=[{"role": "assistant", "content": answer}]),
        lambda answer: verl(prompt="Q", messages=[{"role": "assistant", "content": answer}]),
        lambda answer: scorer(model_response=answer, response="18", reference_answer={"text": "18"}),
        lambda answer: {"query": "Q", "model_response": answer, "response": "18"},
    ],
)
def test_one_definition_scores_all_forms_alike(make: Any) -> None:
    definition = load_definition("math-answer")
    for answer, score in (("A: 18", 1.0), ("A: 19", 0.0)):
        examined = examine(only(make(answer)), definition)
        assert not isinstance(examined, Rejected)
        result = examined.results["numeric_answer"]
        assert isinstance(result, CheckResult)
        assert result.score == score


# Generated answers beside a prompt


@pytest.mark.parametrize("field", ["completion", "response", "generated_text"])
def test_a_generated_text_beside_the_prompt_is_the_response(field: str) -> None:
    found = only({"prompt": "Q", field: "A", "level": 1})
    assert (found.prompt, found.response, found.metadata) == ("Q", "A", {"prompt": "Q", "level": 1})


def test_a_generated_text_is_an_assistant_turn() -> None:
    assert read_turns({"prompt": "Q", "completion": "A"}).response == Turn("assistant", "A")


def test_a_row_without_a_response_still_has_its_turns() -> None:
    assert read_turns({"messages": [{"role": "user", "content": "Q"}]}) == Turns(
        (Message("user", "Q"),), None
    )


@pytest.mark.parametrize("column", ["system", "referenceResponse", "gold"])
def test_a_column_that_belongs_to_another_form_is_metadata(column: str) -> None:
    found = only({"prompt": "Q", "completion": "A", column: "S"})
    assert (found.prompt, found.reference_answer, found.metadata[column]) == ("Q", None, "S")


@pytest.mark.parametrize("system", ["", ["S"], None])
def test_a_metric_s_row_has_a_system_turn_only_for_a_text(system: Any) -> None:
    found = only({"prompt": "Q", "inference_output": "A", "system": system})
    assert found.messages == (Message("user", "Q"),)


def test_a_prompt_may_be_messages_in_json_text() -> None:
    asked = [{"role": "system", "content": "S"}, {"role": "user", "content": "Q"}]
    assert only({"prompt": json.dumps(asked), "completion": "A"}).prompt == "[system]\nS\n\nQ"
    assert only({"prompt": '["S", "Q"]', "completion": "A"}).prompt == '["S", "Q"]'


def test_the_model_s_text_is_never_found_under_the_metadata() -> None:
    # A definition that shows metadata.response as a document would hand the rollout's text over as material.
    assert "response" not in only({"prompt": "Q", "response": "A"}).metadata


@pytest.mark.parametrize(
    "completion",
    [
        "A",
        [{"role": "assistant", "content": "A"}],
        {"role": "assistant", "content": "A"},
        {"content": "A"},
        {"parts": [{"text": "A"}]},
    ],
)
def test_a_completion_has_the_shapes_that_trl_sends(completion: Any) -> None:
    assert only({"prompt": [{"role": "user", "content": "Q"}], "completion": completion}).response == "A"


def test_a_completion_without_an_assistant_turn_is_refused_with_its_place() -> None:
    found = refused({"prompt": "Q", "completion": [{"role": "user", "content": "A"}]})
    assert found.detail.startswith("row 0: completion has no assistant turn; send a list")


@pytest.mark.parametrize(
    ("completion", "detail"),
    [
        (5, "completion is a number; send a string or a list of text blocks"),
        (["A", 5], "completion[1] is a number; send a string or a list of text blocks"),
        ({"content": 5}, "completion.content is a number; send a string or a list of text blocks"),
        (
            {"content": "A", "role": 5},
            'completion is not an object with a role; send {"role": …, "content": …}',
        ),
        (
            [{"role": "user", "content": 5}],
            "completion[0].content is a number; send a string or a list of text blocks",
        ),
    ],
)
def test_a_completion_that_cannot_be_read_is_refused_with_its_place(completion: Any, detail: str) -> None:
    assert refused({"prompt": "Q", "completion": completion}).detail == f"row 0: {detail}"


def test_a_gold_response_beside_a_query_is_not_taken_for_generated() -> None:
    assert refused({"query": "Q", "response": "18"}).reason is Reason.NO_RESPONSE


@pytest.mark.parametrize("place", ["answer", '{"answer": "18"}'])
def test_verls_extra_info_holds_the_reference_where_no_ground_truth_is(place: str) -> None:
    info = {"answer": "18"} if place == "answer" else place
    assert only(verl(reward_model={"style": "rule"}, extra_info=info)).reference_answer == "18"
    assert only(verl(extra_info={"answer": "20"})).reference_answer == "18"


def test_a_bedrock_evaluation_row_has_one_model_response() -> None:
    sent = {"prompt": "Q", "referenceResponse": "18", "modelResponses": [{"response": "A"}]}
    found = only(sent)
    assert (found.prompt, found.response, found.reference_answer) == ("Q", "A", "18")
    for responses, kind in (([{}, {}], "2 entries"), ("A", "a string"), ({"response": "A"}, "an object")):
        detail = f"row 0: modelResponses is {kind}; send one row for each response"
        assert refused({**sent, "modelResponses": responses}).detail == detail


@pytest.mark.parametrize("kind", ["messages", "prompt"])
def test_the_input_of_an_openai_grader_is_a_row(kind: str) -> None:
    asked = {"messages": [{"role": "user", "content": "Q"}]} if kind == "messages" else {"prompt": "Q"}
    found = only({"item": {**asked, "answer": "18"}, "sample": {"output_text": "A"}})
    assert (found.prompt, found.response) == ("Q", "A")
    assert look_up(found, "reference_answer.answer") == "18"
    assert found.metadata["answer"] == "18"
    given = only({"item": {**asked, "reference_answer": "20"}, "sample": {"output_text": "A"}})
    assert given.reference_answer == "20"


def test_a_chat_completion_beside_messages_is_a_row_with_one_choice() -> None:
    asked, choice = [{"role": "user", "content": "Q"}], {"message": ANSWER}
    assert only({"messages": asked, "choices": [choice]}).response == "A"
    assert "2 answers; send one row for each" in refused({"messages": asked, "choices": [choice] * 2}).detail


@pytest.mark.parametrize(
    "columns",
    [
        {"example": {"contents": []}, "response": "gold"},
        {"item": {"answer": "1"}, "sample": {"output_text": "B"}},
        {"choices": [{"message": {"role": "assistant", "content": "B"}}] * 2},
        {"choices": ["red", "blue"]},
        {"contents": [{"role": "user", "parts": []}]},
        {"completion": "B", "modelResponses": [{}, {}]},
        {"process_type": "postprocess", "data": {"inference_output": "B"}},
        {"preds": ["B"], "golds": ["1"]},
    ],
)
def test_a_row_that_has_its_answer_keeps_such_fields_as_columns(columns: dict[str, Any]) -> None:
    sent = {**row("A"), **columns}
    for event in ([sent], sent):
        (found,) = parse_event(event)
        assert isinstance(found, Rollout)
        assert (found.response, found.metadata) == ("A", columns)
