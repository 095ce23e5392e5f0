"""Rows of a data set have no response yet: a response of an assumed length stands for it."""

import json
from collections.abc import Mapping
from typing import Any

from reward_fn.judge.base import CHARS_PER_TOKEN
from reward_fn.types.rubric import JudgeSpec

ITEM_TOKENS = 100
"""The assumed length of a list item, for answers whose items are judged one by one."""


def with_answer(row: Mapping[str, Any], spec: JudgeSpec | None, tokens: int) -> dict[str, Any]:
    """The row with a response of about so many tokens, as the judge reads it: a list if it judges items."""
    text = _answer(spec, tokens)
    messages = row.get("messages")
    if isinstance(messages, list):
        return {**row, "messages": [*messages, {"role": "assistant", "content": text}]}
    return {**row, "completion": text}


def _answer(spec: JudgeSpec | None, tokens: int) -> str:
    if spec is None or not spec.items:
        return _words(tokens)
    count = max(spec.min_items, min(spec.max_items, round(tokens / ITEM_TOKENS)), 1)
    field = next((c.quote_of for c in spec.criteria if c.quote_of), "text")
    items = [{field: f"{number} {_words(tokens // count)}"} for number in range(count)]
    return json.dumps({spec.items: items})


def _words(tokens: int) -> str:
    return ("word " * (tokens * CHARS_PER_TOKEN // 5)).strip() or "word"
