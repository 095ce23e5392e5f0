"""The share of list items whose quote really stands in a source text, in [0, 1].

White space, quotation marks and case don't count; ellipses join parts that must follow one another. The
same quote given twice counts once: repeating a safe one pays nothing.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reward_fn.sources import PATTERN, find_text
from reward_fn.text.quotes import MAX_CHARS, MIN_CHARS, parts_stand_in, quote_parts
from reward_fn.types import Check, CheckResult, Reason, Rollout, Unscored

_SOURCE = {"type": "string", "pattern": PATTERN}
PARAMETERS: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "items": {"type": "string", "minLength": 1},
        "quote": {"type": "string", "minLength": 1},
        "source": {"oneOf": [_SOURCE, {"type": "array", "items": _SOURCE, "minItems": 1}]},
        "min_chars": {"type": "integer", "minimum": 1, "maximum": 1000},
    },
    "required": ["items", "quote", "source"],
    "additionalProperties": False,
}


def build(parameters: Mapping[str, Any], folder: Path) -> Check:
    """``items`` is the list's key in the answer, ``quote`` the key of the quote in each of its elements."""
    items, quote = parameters["items"], parameters["quote"]
    sources = [parameters["source"]] if isinstance(parameters["source"], str) else parameters["source"]
    min_chars = parameters.get("min_chars", MIN_CHARS)

    def check(rollout: Rollout) -> CheckResult | Unscored:
        text = find_text(rollout, sources)
        if text is None:
            return Unscored(Reason.NO_SOURCE, f"no text under {' or '.join(sources)}")
        elements = rollout.parsed.value.get(items) if isinstance(rollout.parsed.value, dict) else None
        if not isinstance(elements, list) or not elements:
            return CheckResult(0.0, f"no list {items!r} with something in it")
        quotes = [element.get(quote) if isinstance(element, dict) else None for element in elements]
        given = {quote_parts(q) for q in quotes if isinstance(q, str) and len(q) <= MAX_CHARS}
        standing = [parts for parts in given if parts_stand_in(parts, text, min_chars=min_chars)]
        detail = "" if len(standing) == len(quotes) else f"{len(standing)} of {len(quotes)} quotes are found"
        return CheckResult(len(standing) / len(quotes), detail)

    return check
