"""Objects and arrays that callers send as JSON text, decoded where structure is wanted."""

import json
from functools import lru_cache
from typing import Any

from reward_fn.text.bounded_json import deeper_than

MAX_DEPTH = 64
"""Levels of nesting that a row, or a value encoded in it, may have; the deepest known form has nine."""


def decoded(value: Any) -> Any:
    """The object or array that a text encodes; any other value, and any other text, as it is."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        return _decoded(value)
    return value


@lru_cache(maxsize=8)  # the checks of one rollout look into the same reference several times
def _decoded(text: str) -> Any:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return text if deeper_than(MAX_DEPTH, found) else found


def decoded_texts(value: Any) -> Any:
    """A list of texts that was sent as JSON text; any other value as it is.

    ``["a", "b"]`` is such a list. ``[0, 1]`` is not: it may be an interval or a vector, and stays the text.
    """
    found = decoded(value)
    is_texts = isinstance(found, list) and bool(found) and all(isinstance(each, str) for each in found)
    return found if is_texts else value
