"""What a row holds, in whichever caller's form: the turns, the response, the reference.

The forms are listed in ``events/README.md``, each with example events.
"""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from reward_fn.text.bounded_json import deeper_than
from reward_fn.types import Message

RESPONSE_ROLES = frozenset({"assistant", "nova_assistant"})
MAX_DEPTH = 64


class Unusable(Exception):
    """A row's shape can't be read; the message says where and what to send, and quotes nothing."""


class Turns(NamedTuple):
    """A row's conversation.

    ``before`` are the turns before the response. ``response`` is its text, None where the row holds none, as
    a raw data set row does. ``scored`` says that it came as a custom scorer's ``model_response``.
    """

    before: tuple[Message, ...]
    response: str | None
    scored: bool = False


def read_turns(row: Mapping[str, Any]) -> Turns:
    """The conversation: ``messages``, with what was asked from beside it where it holds the answer alone.

    The response is the last assistant turn of ``messages``, else ``model_response``, else the turn that ends
    ``prompt``, if that is an assistant's. Raises :class:`Unusable`.
    """
    sent = row.get("messages")
    turns = [] if sent is None else _messages(sent, "messages")
    last = max((i for i, turn in enumerate(turns) if turn.role in RESPONSE_ROLES), default=None)
    before = tuple(turns[:last]) or _asked(row)
    if last is not None:
        return Turns(before, turns[last].text)
    if "model_response" in row:
        return Turns(before, _flatten(row["model_response"], "model_response"), scored=True)
    if before and not turns and before[-1].role in RESPONSE_ROLES:
        return Turns(before[:-1], before[-1].text)
    if not before and sent is None:
        raise Unusable('no messages; send a list of {"role": …, "content": …}')
    return Turns(before, None)


def _asked(row: Mapping[str, Any]) -> tuple[Message, ...]:
    """What was asked, where it stands beside the answer: verl's ``prompt``, a custom scorer's ``query``."""
    place = "query" if row.get("prompt") is None else "prompt"
    asked = row.get(place)
    if asked is None or asked == []:
        return ()
    if isinstance(asked, list) and any(isinstance(part, dict) and "role" in part for part in asked):
        return tuple(_messages(asked, place))
    return (Message("user", _flatten(asked, place)),)


def _messages(sent: Any, place: str) -> list[Message]:
    if not isinstance(sent, list):
        raise Unusable(f'{place} is {kind_of(sent)}; send a list of {{"role": …, "content": …}}')
    parsed = []
    for number, message in enumerate(sent):
        if not isinstance(message, dict) or not isinstance(message.get("role"), str):
            raise Unusable(f"{place}[{number}] is not an object with a role")
        parsed.append(Message(message["role"], _text(message, f"{place}[{number}].content")))
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
    raise Unusable(f"{place} is {kind_of(content)}; send a string or a list of text blocks")


def _block(block: Any, place: str) -> str:
    if isinstance(block, list):
        raise Unusable(f"{place} is an array; send a string or a text block")
    return _flatten(block, place)


def read_reference(row: Mapping[str, Any], metadata: Mapping[str, Any], *, scored: bool) -> Any:
    """The reference, from the first place that has one; JSON-encoded objects and arrays are decoded.

    The places are the row, its metadata, verl's ``reward_model.ground_truth`` and, for a row ``scored`` by a
    custom scorer, its gold answer ``response``. None where there is none.
    """
    verl = _decoded(row.get("reward_model"))
    truth = verl.get("ground_truth") if isinstance(verl, dict) else None
    sent = (row.get("reference_answer"), metadata.get("reference_answer"), truth)
    reference = _decoded(next((value for value in sent if value is not None), None))
    return _gold(reference, row.get("response")) if scored else reference


def _gold(reference: Any, response: Any) -> Any:
    """A custom scorer's reference, which it sends as ``{"text": …}``: the text; where blank, ``response``."""
    if isinstance(reference, dict) and reference.keys() <= {"type", "text"}:
        reference = _decoded(reference.get("text"))
    is_blank = reference is None or (isinstance(reference, str) and not reference.strip())
    return _decoded(response) if is_blank and response is not None else reference


def _decoded(reference: Any) -> Any:
    if isinstance(reference, str) and reference.lstrip()[:1] in ("{", "["):
        try:
            decoded = json.loads(reference)
        except (ValueError, RecursionError):
            return reference
        return reference if deeper_than(MAX_DEPTH, decoded) else decoded
    return reference


def kind_of(value: Any) -> str:
    """What a JSON value is, for messages: "an object", "null" …"""
    names = {dict: "an object", list: "an array", str: "a string", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number" if isinstance(value, int | float) else type(value).__name__)
