"""Paths into a rollout: ``prompt``, ``response``, ``reference_answer.a.b``, ``metadata.a.b``.

``response.tool_calls`` are the tool calls beside the response's text. A key of digits is also an index of a
list: ``metadata.documents.0``. A path may continue inside an object or a list that was sent as JSON text.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from reward_fn.text.encoded import decoded, decoded_texts
from reward_fn.types.rollout import Rollout

PATTERN = r"^(prompt|response|(response\.tool_calls|reference_answer|metadata)(\.[A-Za-z0-9_-]+)*)$(?!\n)"

PATH: Mapping[str, Any] = {"type": "string", "pattern": PATTERN}
"""The JSON Schema of one path."""
PATHS: Mapping[str, Any] = {"type": "array", "items": PATH, "minItems": 1}
"""The JSON Schema of a list of paths; the first one with a value counts."""

MAX_PLACE_DIGITS = 6
"""Lists have fewer than a million elements; a longer number would take time to convert."""

ANSWERS = ("reference_answer.answer", "reference_answer.ground_truth", "reference_answer")
"""The default paths of the right answer."""


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
    """The text at the first of ``paths`` that holds more than white space; None if there is none.

    A list of texts, or of objects with a text under ``text`` or ``content``, as retrieval tools return, gives
    these texts with blank lines between them, so that they can be quoted. Any other value gives its JSON.
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
    """The right answers at the first of ``paths`` with a text, a number or a list of these; [] for none."""
    for path in paths:
        value = decoded_texts(look_up(rollout, path))
        answers = [_as_text(item) for item in (value if isinstance(value, list) else [value])]
        if answers := [answer for answer in answers if answer.strip()]:
            return answers
    return []


def find_texts(rollout: Rollout, paths: Iterable[str]) -> list[str]:
    """The text at each of ``paths``, see :func:`find_text`; paths without text are left out."""
    return [text for path in paths if (text := find_text(rollout, [path]))]


def find_terms(rollout: Rollout, paths: Iterable[str]) -> list[str] | None:
    """The texts at the first of ``paths`` with a text or a list, which may be empty; None for none."""
    for path in paths:
        value = decoded_texts(look_up(rollout, path))
        if isinstance(value, str | list):
            texts = map(_as_text, value if isinstance(value, list) else [value])
            return [text for text in texts if text.strip()]
    return None


def _as_passages(text: str) -> str:
    """The joined documents of a list that was sent as JSON text; any other text unchanged."""
    value = decoded(text)
    is_passages = isinstance(value, list) and all(_passage(item) is not None for item in value)
    return _joined(value) if is_passages else text


def _joined(value: Any) -> str:
    """The texts of a list of documents, joined; any other value as JSON."""
    passages = [_passage(item) for item in value] if isinstance(value, list) else [None]
    texts = [passage for passage in passages if passage is not None]
    if len(texts) < len(passages):
        return json.dumps(value, ensure_ascii=False)
    return "\n\n".join(filter(str.strip, texts))


def _passage(value: Any) -> str | None:
    """The text of one document, after its title if it has one; None for any other value.

    A turn of a conversation is not a document, since its text has another meaning without its ``role``.
    """
    if not isinstance(value, Mapping) or "role" in value:
        return value if isinstance(value, str) else None
    text = value.get("text", value.get("content"))
    text = text.get("text") if isinstance(text, Mapping) else text
    title = value.get("title")
    titled = isinstance(text, str) and isinstance(title, str) and title.strip()
    return f"{title}\n{text}" if titled else text if isinstance(text, str) else None


def _as_text(value: Any) -> str:
    """A text unchanged, a number or a boolean as JSON, "" for any other value."""
    if isinstance(value, str):
        return value
    return json.dumps(value) if isinstance(value, bool | int | float) else ""
