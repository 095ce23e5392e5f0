"""Changes of an answer that keep it readable: in an answer that is JSON, texts and lists change. Pure."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from reward_fn.text.answer import unfenced

_SENTENCE = re.compile(r"[^.!?\n]+[.!?]?")
_WORD = re.compile(r"\w+")


def as_json(text: str) -> Any:
    """The object or list that a text is, None if it is neither."""
    try:
        value = json.loads(unfenced(text))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict | list) else None


def to_text(value: Any) -> str:
    """The JSON text of a value."""
    return json.dumps(value, ensure_ascii=False)


def in_texts(text: str, change: Callable[[str], str]) -> str:
    """The answer with its text changed; of a JSON answer, each text that is a value."""
    value = as_json(text)
    return change(text) if value is None else to_text(_changed(value, change))


def _changed(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return {key: _changed(part, change) for key, part in value.items()}
    if isinstance(value, list):
        return [_changed(part, change) for part in value]
    return change(value) if isinstance(value, str) else value


def places_of(value: Any, kind: type, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The places of all values of a kind in a JSON value, each as the keys that lead to it."""
    if isinstance(value, kind):
        yield place
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for key, part in pairs:
            yield from places_of(part, kind, (*place, key))


def replaced_at(value: Any, place: tuple[Any, ...], change: Callable[[Any], Any]) -> Any:
    """A copy of a JSON value with the part at ``place`` changed."""
    if not place:
        return change(value)
    key, *rest = place
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[key] = replaced_at(copy[key], tuple(rest), change)
    return copy


def sentences(text: str) -> list[str]:
    """The sentences and lines of a text that hold at least one word."""
    return [part.strip() for part in _SENTENCE.findall(text) if _WORD.search(part)]


def words(text: str) -> list[str]:
    """The words and numbers of a text."""
    return _WORD.findall(text)
