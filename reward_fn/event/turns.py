"""One turn of a conversation: its text and tool calls, from each form of content that callers send."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from reward_fn.text.encoded import decoded

RESPONSE_ROLES = frozenset({"assistant", "nova_assistant"})

THOUGHT_TYPES = frozenset(
    {"reasoning", "thinking", "redacted_thinking", "reasoning_content", "reasoning_text"}
)
"""Types of blocks with a model's thoughts. They are not part of the answer, although some have a ``text``."""

_ENCODER = json.JSONEncoder(ensure_ascii=False)


class Unusable(Exception):
    """A row's form can't be read. The message names the place and what to send, and quotes nothing."""


class Turn(NamedTuple):
    """A turn. ``text`` is its text, or its tool calls as JSON if it has no text.

    ``tool_calls`` are ``{"name": …, "input": …}`` for every provider.
    """

    role: str
    text: str
    tool_calls: tuple[Mapping[str, Any], ...] = ()


def read_turn(message: Any, place: str, within: str | None = None) -> Turn:
    """The turn of a message with a role. ``within`` is the place of its content, by default its field.

    Content is a text, a list of texts or blocks, a block, or null; Gemini's ``parts`` are read like
    ``content``. Raises :class:`Unusable`.
    """
    if not isinstance(message, dict) or not isinstance(message.get("role"), str):
        raise Unusable(f'{place} is not an object with a role; send {{"role": …, "content": …}}')
    field = "parts" if "parts" in message and "content" not in message else "content"
    content = message.get(field)
    text = flatten(content, within or f"{place}.{field}")
    in_blocks = list(_calls_in_blocks(content))
    sent = message.get("tool_calls")
    beside = [_openai_call(call) for call in sent] if isinstance(sent, list) else []
    if not text.strip() and (in_blocks or (isinstance(sent, list) and sent)):
        shown: Any = sent if not in_blocks else in_blocks[0] if len(in_blocks) == 1 else in_blocks
        text = _ENCODER.encode(shown)
    return Turn(message["role"], text, (*in_blocks, *filter(None, beside)))


def flatten(content: Any, place: str) -> str:
    """The visible text of ``content``. Raises :class:`Unusable`."""
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if isinstance(content, dict):
        return _block_text(content, place)
    if isinstance(content, list):
        return "\n".join(part for i, block in enumerate(content) if (part := _block(block, f"{place}[{i}]")))
    raise Unusable(f"{place} is {kind_of(content)}; send a string or a list of text blocks")


def _block(block: Any, place: str) -> str:
    if isinstance(block, list):
        raise Unusable(f"{place} is an array; send a string or a text block")
    return flatten(block, place)


def _block_text(block: Mapping[str, Any], place: str) -> str:
    """The text of a block; "" for thoughts, media and tool calls."""
    if block.get("type") in THOUGHT_TYPES or block.get("thought") is True:
        return ""
    if block.get("type") == "message" and "content" in block:  # an item of OpenAI's Responses
        return flatten(block["content"], f"{place}.content")
    if block.get("type") == "tool_result":
        return _tool_result(block, place)
    for field in ("toolResult", "citationsContent", "guardContent"):  # Converse's blocks around other blocks
        if isinstance(inner := block.get(field), dict):
            return (
                _tool_result(inner, f"{place}.{field}") if "content" in inner else _block_text(inner, place)
            )
    return flatten(block.get("text", block.get("value")), f"{place}.text")


def _tool_result(result: Mapping[str, Any], place: str) -> str:
    """The texts and the JSON in a block's ``content``: a tool's result, or a text with citations."""
    parts = result.get("content")
    texts = [
        _ENCODER.encode(part["json"])
        if isinstance(part, dict) and "json" in part
        else _block(part, f"{place}.content[{i}]")
        for i, part in enumerate(parts if isinstance(parts, list) else [parts])
    ]
    return "\n".join(filter(None, texts))


def _calls_in_blocks(content: Any) -> Iterator[Mapping[str, Any]]:
    """The tool calls among blocks of Converse, Anthropic (``tool_use``), Gemini and OpenAI's Responses."""
    for block in content if isinstance(content, list) else [content]:
        if not isinstance(block, dict):
            continue
        if block.get("type") == "function_call":  # an item of OpenAI's Responses
            yield from filter(None, [_openai_call({"function": block})])
            continue
        call = block if block.get("type") == "tool_use" else block.get("toolUse", block.get("functionCall"))
        if isinstance(call, dict) and isinstance(call.get("name"), str):
            yield {"name": call["name"], "input": call.get("input", call.get("args", {}))}


def _openai_call(call: Any) -> Mapping[str, Any] | None:
    """A call of OpenAI's ``tool_calls`` with decoded arguments; None for any other value."""
    function = call.get("function") if isinstance(call, dict) else None
    if not isinstance(function, dict) or not isinstance(function.get("name"), str):
        return None
    return {"name": function["name"], "input": decoded(function.get("arguments", {}))}


def kind_of(value: Any) -> str:
    """The type of a JSON value for messages: "an object", "null" …"""
    names = {dict: "an object", list: "an array", str: "a string", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number" if isinstance(value, int | float) else type(value).__name__)
