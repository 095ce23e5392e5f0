"""Paths into a rollout: ``prompt``, ``response``, ``reference_answer.a.b``, ``metadata.a.b``.

``response.tool_calls`` are the tool calls beside the response's text. A key of digits is also an index of a
list: ``metadata.documents.0``. A path goes on into an object or a list that was sent as JSON text.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from reward_fn.text.encoded import decoded, decoded_texts
from reward_fn.types.rollout import Rollout

PATTERN = r"^(prompt|response|(response\.tool_calls|reference_answer|metadata)(\.[A-Za-z0-9_-]+)*)$(?!\n)"

PATHS: Mapping[str, Any] = {"type": "array", "items": {"type": "string", "pattern": PATTERN}, "minItems": 1}
"""The JSON Schema of a parameter that lists paths; the first path with a value is used."""

MAX_PLACE_DIGITS = 6
"""The longest index of a list, in digits: no list in a row has a million elements, and longer numbers cost
time to read."""

ANSWERS = ("reference_answer.answer", "reference_answer.ground_truth", "reference_answer")
"""The paths of the right answer, unless a definition names others."""


def look_up(rollout: Rollout, path: str) -> Any:
    """The value at ``path``, or None if there is none."""
    root, *keys = path.split(".")
    value: Any = getattr(rollout, root)
    if root == "response" and keys:
        value, keys = list(rollout.tool_calls), keys[1:]
    for key in keys:
        value = _child(decoded(value), key)
    return value


def _child(value: Any, key: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(key)
    if isinstance(value, list) and key.isdecimal() and len(key) < MAX_PLACE_DIGITS and int(key) < len(value):
        return value[int(key)]
    return None


def find_text(rollout: Rollout, paths: Iterable[str]) -> str | None:
    """The text at the first of ``paths`` that holds more than white space; None if none does.

    A list of documents (texts, or objects with a ``text`` or ``content``, as retrieval tools return them)
    becomes their texts, with blank lines between them, so that they can be quoted. Any other value becomes
    JSON.
    """
    for path in paths:
        value = look_up(rollout, path)
        if value is None or value == {} or value == []:
            continue
        text = _as_passages(value) if isinstance(value, str) else _joined(value)
        if text.strip():
            return text
    return None


def find_answers(rollout: Rollout, paths: Iterable[str]) -> list[str]:
    """The right answers at the first of ``paths`` that holds any: a text or a number, or a list of them."""
    for path in paths:
        value = decoded_texts(look_up(rollout, path))
        answers = [_as_text(each) for each in (value if isinstance(value, list) else [value])]
        if answers := [answer for answer in answers if answer.strip()]:
            return answers
    return []


def find_texts(rollout: Rollout, paths: Iterable[str]) -> list[str]:
    """The text at each of ``paths``, as :func:`find_text` reads it; paths without text are left out."""
    return [text for path in paths if (text := find_text(rollout, [path]))]


def find_terms(rollout: Rollout, paths: Iterable[str]) -> list[str] | None:
    """The texts at the first of ``paths`` that holds a text or a list, maybe empty; None if none does."""
    for path in paths:
        value = decoded_texts(look_up(rollout, path))
        if isinstance(value, str | list):
            texts = map(_as_text, value if isinstance(value, list) else [value])
            return [text for text in texts if text.strip()]
    return None


def _as_passages(text: str) -> str:
    """The text, unchanged unless it is a JSON list of documents, which are joined."""
    value = decoded(text)
    is_passages = isinstance(value, list) and all(_passage(each) is not None for each in value)
    return _joined(value) if is_passages else text


def _joined(value: Any) -> str:
    """The documents of a list in one text; any other value as JSON."""
    passages = [_passage(each) for each in value] if isinstance(value, list) else [None]
    texts = [each for each in passages if each is not None]
    if len(texts) < len(passages):
        return json.dumps(value, ensure_ascii=False)
    return "\n\n".join(filter(str.strip, texts))


def _passage(value: Any) -> str | None:
    """The text of one document, below its title if it has one; None if the value is no document.

    A turn of a conversation is not a document: its text would lose its ``role``.
    """
    if not isinstance(value, Mapping) or "role" in value:
        return value if isinstance(value, str) else None
    text = value.get("text", value.get("content"))
    text = text.get("text") if isinstance(text, Mapping) else text
    title = value.get("title")
    titled = isinstance(text, str) and isinstance(title, str) and title.strip()
    return f"{title}\n{text}" if titled else text if isinstance(text, str) else None


def _as_text(value: Any) -> str:
    """A text unchanged, a number or truth value as JSON, "" for any other value."""
    if isinstance(value, str):
        return value
    return json.dumps(value) if isinstance(value, bool | int | float) else ""
