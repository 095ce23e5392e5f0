"""A raw event into rollouts. All probing of shapes lives here, and only here.

Callers and their forms are listed in ``events/README.md``. A row that can't be scored becomes a
:class:`Rejected` in its place and never disturbs its neighbours.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from reward_fn.errors import EventError
from reward_fn.text.bounded_json import deeper_than
from reward_fn.types import Message, Reason, Rejected, Rollout

WRAPPERS = ("input", "batch", "samples", "trajectories", "body")
RESPONSE_ROLES = frozenset({"assistant", "nova_assistant"})
MAX_DEPTH = 64
_NOT_METADATA = frozenset({"id", "messages", "reference_answer", "metadata"})


class _Unusable(Exception):
    """A row's shape can't be read; caught in this module, row by row."""


def parse_event(event: Any) -> list[Rollout | Rejected]:
    """One entry for each row, in order.

    Raises :class:`EventError` where the event holds no batch at all: nothing could be answered then.
    """
    return [_parse_row(row, index) for index, row in enumerate(_rows(event))]


def _rows(event: Any, depth: int = 0) -> Sequence[Any]:
    if isinstance(event, list):
        return event
    if isinstance(event, str | bytes) and depth:
        try:
            return _rows(json.loads(event), depth + 1)
        except (ValueError, RecursionError) as error:
            raise EventError(f"the event's body is not JSON ({type(error).__name__})") from error
    if isinstance(event, dict) and depth < 3:
        if "messages" in event or "prompt" in event:
            return [event]
        for key in WRAPPERS:
            if key in event:
                return _rows(event[key], depth + 1)
    raise EventError(
        f"the event is {_kind(event)}, not a batch: send a JSON array of rollouts, "
        f'[{{"id": …, "messages": […]}}, …], or an object that holds one under {", ".join(WRAPPERS)}'
    )


def _parse_row(row: Any, index: int) -> Rollout | Rejected:
    if not isinstance(row, dict):
        detail = f"row {index} is {_kind(row)}; send an object with id and messages"
        return Rejected(index, f"missing-{index}", Reason.BAD_ROW, detail)
    identity = _identity(row.get("id"), index)
    if deeper_than(MAX_DEPTH, row):
        return Rejected(index, identity, Reason.BAD_ROW, f"row {index} is nested deeper than {MAX_DEPTH}")
    try:
        messages = _messages(row)
        metadata = row.get("metadata") or {}
        if not isinstance(metadata, dict):
            raise _Unusable(f"metadata is {_kind(metadata)}; send an object")
        turns = [i for i, message in enumerate(messages) if message.role in RESPONSE_ROLES]
    except _Unusable as fault:
        return Rejected(index, identity, Reason.BAD_ROW, f"row {index}: {fault}")
    if not turns:
        detail = f"row {index} has no assistant turn, so there is nothing to score (a raw data set row?)"
        return Rejected(index, identity, Reason.NO_RESPONSE, detail)
    return Rollout(
        index=index,
        id=identity,
        messages=tuple(messages[: turns[-1]]),
        response=messages[turns[-1]].text,
        reference_answer=_reference(row, metadata),
        metadata={**{k: v for k, v in row.items() if k not in _NOT_METADATA}, **metadata},
    )


def _identity(value: Any, index: int) -> Any:
    """The id as sent, or ``missing-<index>`` for one that is missing, null or not expressible in JSON."""
    try:
        if value is not None and json.dumps(value, allow_nan=False, ensure_ascii=False).encode("utf-8"):
            return value
    except (ValueError, RecursionError):  # NaN, a lone surrogate, bottomless nesting
        pass
    return f"missing-{index}"


def _messages(row: Mapping[str, Any]) -> list[Message]:
    messages = row.get("messages")
    if not isinstance(messages, list):
        have = "no messages" if messages is None else f"messages is {_kind(messages)}"
        raise _Unusable(f'{have}; send a list of {{"role": …, "content": …}}')
    parsed = []
    for place, message in enumerate(messages):
        if not isinstance(message, dict) or not isinstance(message.get("role"), str):
            raise _Unusable(f"messages[{place}] is not an object with a role")
        parsed.append(Message(message["role"], _text(message, f"messages[{place}].content")))
    return parsed


def _text(message: Mapping[str, Any], place: str) -> str:
    """The text of a turn; the tool calls of one that has nothing else, as JSON."""
    text = _flatten(message.get("content"), place)
    calls = message.get("tool_calls")
    if not text.strip() and isinstance(calls, list) and calls:
        return json.dumps(calls, ensure_ascii=False)
    return text


def _flatten(content: Any, place: str) -> str:
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if isinstance(content, dict):
        text = content.get("text", "")  # a block without text is reasoning or media: no part of the answer
        return text if isinstance(text, str) else _flatten(text, f"{place}.text")
    if isinstance(content, list):
        return "\n".join(part for i, block in enumerate(content) if (part := _block(block, f"{place}[{i}]")))
    raise _Unusable(f"{place} is {_kind(content)}; send a string or a list of text blocks")


def _block(block: Any, place: str) -> str:
    if isinstance(block, list):
        raise _Unusable(f"{place} is an array; send a string or a text block")
    return _flatten(block, place)


def _reference(row: Mapping[str, Any], metadata: Mapping[str, Any]) -> Any:
    """``reference_answer`` of the row, else of its metadata; JSON-encoded objects and arrays decoded."""
    reference = row.get("reference_answer")
    if reference is None:
        reference = metadata.get("reference_answer")
    if isinstance(reference, str) and reference.lstrip()[:1] in ("{", "["):
        try:
            decoded = json.loads(reference)
        except (ValueError, RecursionError):
            return reference
        return reference if deeper_than(MAX_DEPTH, decoded) else decoded
    return reference


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "an array", str: "a string", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number" if isinstance(value, int | float) else type(value).__name__)
