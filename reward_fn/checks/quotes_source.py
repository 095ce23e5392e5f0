"""The share of list items whose quote is in a source text, in [0, 1].

White space, quotation marks, page numbers and case don't count; ellipses join parts that must follow one
another. Quotes that overlap by half count once, so that repeating a safe quote earns nothing.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from reward_fn.paths import PATH, PATHS, find_text
from reward_fn.text.quotes import MIN_CHARS, Span, find_quote
from reward_fn.types.check import Check, CheckResult
from reward_fn.types.rollout import Rollout
from reward_fn.types.unscored import Reason, Unscored

PARAMETERS: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "items": {"type": "string", "minLength": 1},
        "quote": {"type": "string", "minLength": 1},
        "source": {"oneOf": [PATH, PATHS]},
        "min_chars": {"type": "integer", "minimum": 1, "maximum": 1000},
    },
    "required": ["items", "quote", "source"],
    "additionalProperties": False,
}


def build(parameters: Mapping[str, Any], folder: Path) -> Check:
    """``items`` is the key of the list in the answer, ``quote`` the key of the quote in each element."""
    items, quote = parameters["items"], parameters["quote"]
    paths = [parameters["source"]] if isinstance(parameters["source"], str) else parameters["source"]
    min_chars = parameters.get("min_chars", MIN_CHARS)

    def check(rollout: Rollout) -> CheckResult | Unscored:
        text = find_text(rollout, paths)
        if text is None:
            return Unscored(Reason.NO_SOURCE, f"no text under {' or '.join(paths)}")
        elements = rollout.parsed.value.get(items) if isinstance(rollout.parsed.value, dict) else None
        if not isinstance(elements, list) or not elements:
            return CheckResult(0.0, f"no list {items!r} with elements")
        quotes = [element.get(quote) if isinstance(element, dict) else None for element in elements]
        spans = [find_quote(q, text, min_chars=min_chars) if isinstance(q, str) else None for q in quotes]
        count = sum(span is not None for span in spans) - len(repeats(spans))
        detail = "" if count == len(quotes) else f"{count} of {len(quotes)} quotes are in the source"
        return CheckResult(count / len(quotes), detail)

    return check


def repeats(spans: Sequence[Span | None]) -> frozenset[int]:
    """The indices of the spans that lie at least half inside the spans before them in the text."""
    indices = set()
    covered = 0
    for start, end, index in sorted((*span, index) for index, span in enumerate(spans) if span):
        if 2 * (min(end, covered) - start) < end - start:
            covered = max(covered, end)
        else:
            indices.add(index)
    return frozenset(indices)
