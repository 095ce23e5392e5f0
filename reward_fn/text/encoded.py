"""Decode objects and arrays that callers send as JSON text."""

import json
from functools import lru_cache
from typing import Any

from reward_fn.text.bounded_json import deeper_than

MAX_DEPTH = 64
"""The most levels of nesting in a row, or in a value encoded in it. The deepest known form has nine."""


def decoded(value: Any) -> Any:
    """The object or array that a text encodes; any other value unchanged."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        return _decoded(value)
    return value


@lru_cache(maxsize=8)  # several checks of a rollout read the same reference
def _decoded(text: str) -> Any:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return text if deeper_than(MAX_DEPTH, value) else value


def decoded_texts(value: Any) -> Any:
    """The list of texts that was sent as JSON text; any other value unchanged.

    ``["a", "b"]`` is such a list. ``[0, 1]`` is not: it may be an interval or a vector, so it stays a text.
    """
    texts = decoded(value)
    is_texts = isinstance(texts, list) and bool(texts) and all(isinstance(text, str) for text in texts)
    return texts if is_texts else value
