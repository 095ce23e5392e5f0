"""One turn: its text, its tool calls, and the place that a message names if a block can't be read."""

from typing import Any

import pytest

from reward_fn.event.turns import Turn, Unusable, kind_of, read_turn

ADD = {"name": "add", "input": {"a": 1}}


def turn(content: Any, **fields: Any) -> Turn:
    return read_turn({"role": "assistant", "content": content, **fields}, "messages[3]")


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (5, "messages[3].content"),
        ([{"type": "message", "content": 5}], "messages[3].content[0].content"),
        (["A", {"type": "tool_result", "content": [5]}], "messages[3].content[1].content[0]"),
        ([{"citationsContent": {"content": ["A", 5]}}], "messages[3].content[0].citationsContent.content[1]"),
        ([{"guardContent": {"text": 5}}], "messages[3].content[0].text"),
        ([{"value": 5}], "messages[3].content[0].text"),
    ],
)
def test_a_block_that_cannot_be_read_is_named_by_its_place(content: Any, place: str) -> None:
    with pytest.raises(Unusable) as caught:
        turn(content)
    assert str(caught.value) == f"{place} is a number; send a string or a list of text blocks"


@pytest.mark.parametrize(
    "block", [{}, {"type": "message"}, {"content": "B"}, {"type": "image", "source": {}}, {"text": None}]
)
def test_a_block_without_text_adds_nothing(block: dict[str, Any]) -> None:
    assert turn(["A", block]) == Turn("assistant", "A")


def test_parts_are_read_only_if_there_is_no_content() -> None:
    assert turn("A", parts=[{"text": "B"}]) == Turn("assistant", "A")


def test_every_tool_call_among_the_blocks_is_read_whatever_stands_between_them() -> None:
    blocks = [
        "One",
        {"type": "function_call", "name": "add", "arguments": '{"a": 1}'},
        "Two",
        {"toolUse": ADD},
    ]
    assert turn(blocks) == Turn("assistant", "One\nTwo", (ADD, ADD))


@pytest.mark.parametrize(
    "call",
    [
        {"toolUse": {"name": "stop"}},
        {"functionCall": {"name": "stop"}},
        {"type": "function_call", "name": "stop"},
    ],
)
def test_a_tool_call_without_arguments_has_an_empty_input(call: dict[str, Any]) -> None:
    assert turn(["A", call]).tool_calls == ({"name": "stop", "input": {}},)


def test_an_entry_of_tool_calls_that_is_not_a_call_is_ignored() -> None:
    call = {"function": {"name": "add", "arguments": '{"a": 1}'}}
    sent = ["add", None, {}, {"function": "add"}, {"function": {"name": 5}}, call]
    assert turn("A", tool_calls=sent) == Turn("assistant", "A", (ADD,))


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ({}, "an object"),
        ([], "an array"),
        ("", "a string"),
        (True, "a boolean"),
        (None, "null"),
        (1, "a number"),
        (1.5, "a number"),
        (b"", "bytes"),
    ],
)
def test_the_kind_of_a_value_is_named_as_in_json(value: Any, kind: str) -> None:
    assert kind_of(value) == kind
