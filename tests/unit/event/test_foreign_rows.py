"""Rows in the form of other services' graders: what becomes of each field, and of fields of a wrong shape."""

from typing import Any

import pytest

from reward_fn.event.parse import parse_event
from reward_fn.types.rollout import Message, Rejected, Rollout
from reward_fn.types.unscored import Reason

ANSWER = {"role": "assistant", "content": "A"}
QUESTION = {"role": "user", "content": "Q"}


def only(event_row: Any) -> Rollout:
    """The rollout of one good row."""
    (entry,) = parse_event([event_row])
    assert isinstance(entry, Rollout), entry
    return entry


def refused(event_row: Any) -> Rejected:
    """The rejection of one bad row."""
    (entry,) = parse_event([event_row])
    assert isinstance(entry, Rejected), entry
    return entry


# Gemini


def gemini(example: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """The body of a Cloud Run reward request about ``example``; its answer is A."""
    return {"example": {"contents": [{"parts": [{"text": "Q"}]}], **example}, "response": "A", **fields}


def test_a_turn_of_gemini_without_a_role_is_a_user_turn_and_an_answer_may_be_a_text() -> None:
    rollout = only(gemini({}))
    assert (rollout.messages, rollout.response) == ((Message("user", "Q"),), "A")


@pytest.mark.parametrize("instruction", [None, "S", ["S"]])
def test_a_system_instruction_that_is_no_object_is_left_out(instruction: Any) -> None:
    assert only(gemini({"systemInstruction": instruction})).messages == (Message("user", "Q"),)


def test_metadata_of_gemini_that_is_no_object_leaves_the_examples_own_fields() -> None:
    assert only(gemini({"topic": "sums"}, metadata=["x"])).metadata == {"topic": "sums"}


def test_contents_that_are_no_list_of_turns_are_refused_with_their_place_and_the_remedy() -> None:
    detail = 'row 0: example.contents is a string; send a list of {"role": …, "parts": …}'
    assert refused(gemini({"contents": "Q"})).detail == detail
    assert refused(gemini({"contents": ["Q"]})).detail.startswith("row 0: messages[0] is not an object")


def test_contents_beside_no_example_are_the_conversation() -> None:
    turns = [{"parts": [{"text": "Q"}]}, {"role": "model", "parts": [{"text": "A"}]}]
    rollout = only({"contents": turns, "level": 1})
    assert (rollout.messages, rollout.response) == ((Message("user", "Q"),), "A")
    assert rollout.metadata == {"level": 1}


# OpenAI


def test_the_item_of_an_openai_grader_is_the_row_and_its_columns_are_the_reference() -> None:
    item = {"id": "x", "prompt": "Q", "answer": "18"}
    rollout = only({"id": 7, "item": item, "sample": {"output_text": "A"}, "level": 2})
    assert rollout.id == 7
    assert rollout.reference_answer == {"answer": "18"}
    assert rollout.metadata == {"prompt": "Q", "answer": "18", "level": 2}


def test_the_messages_of_an_item_are_no_part_of_the_reference() -> None:
    item = {"messages": [QUESTION], "answer": "18"}
    assert only({"item": item, "sample": {"output_text": "A"}}).reference_answer == {"answer": "18"}


def test_the_tools_that_a_sample_called_are_its_tool_calls() -> None:
    call = {"type": "function", "function": {"name": "add", "arguments": '{"a": 1}'}}
    sample = {"output_text": "A", "output_tools": [call]}
    assert only({"item": {"prompt": "Q"}, "sample": sample}).tool_calls == (
        {"name": "add", "input": {"a": 1}},
    )


def test_a_sample_without_an_answer_leaves_nothing_to_score() -> None:
    assert refused({"item": {"prompt": "Q"}, "sample": {}}).reason is Reason.NO_RESPONSE


# Chat completions


@pytest.mark.parametrize(
    "choices", [5, None, "", "red", [], ["red"], ["red", "blue"], [{"text": "B"}, {"text": "C"}], {"a": 1}]
)
def test_a_column_called_choices_is_no_answer_unless_it_holds_messages(choices: Any) -> None:
    rejected = refused({"messages": [QUESTION], "choices": choices})
    assert rejected.reason is Reason.NO_RESPONSE


@pytest.mark.parametrize("messages", [[], None])
def test_a_choice_without_a_question_is_an_answer_to_an_empty_prompt(messages: Any) -> None:
    rollout = only({"messages": messages, "choices": [{"message": ANSWER}]})
    assert (rollout.prompt, rollout.response, rollout.metadata) == ("", "A", {})
