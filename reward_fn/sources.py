"""Paths into a rollout: ``prompt``, ``response``, ``reference_answer.a.b``, ``metadata.a.b``."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from reward_fn.types import Rollout

PATTERN = r"^(prompt|response|(reference_answer|metadata)(\.[A-Za-z0-9_-]+)*)$(?!\n)"

PATHS: Mapping[str, Any] = {"type": "array", "items": {"type": "string", "pattern": PATTERN}, "minItems": 1}
"""The JSON Schema of a check's parameter that lists paths; the first that holds something counts."""

ANSWERS = ("reference_answer.answer", "reference_answer.ground_truth", "reference_answer")
"""Where the right answer is, where a definition does not say."""


def look_up(rollout: Rollout, path: str) -> Any:
    """The value at ``path``, or None where there is none."""
    root, *keys = path.split(".")
    value: Any = getattr(rollout, root)
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def find_text(rollout: Rollout, paths: Iterable[str]) -> str | None:
    """The first of ``paths`` that holds something, as text: objects as JSON, white space only as nothing."""
    for path in paths:
        value = look_up(rollout, path)
        if value is None or value == {} or value == []:
            continue
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        if text.strip():
            return text
    return None


def find_answers(rollout: Rollout, paths: Iterable[str]) -> list[str]:
    """The right answers under the first of ``paths`` that has some: a text or a number, or a list of them."""
    for path in paths:
        value = look_up(rollout, path)
        answers = [_as_text(each) for each in (value if isinstance(value, list) else [value])]
        if answers := [answer for answer in answers if answer.strip()]:
            return answers
    return []


def find_terms(rollout: Rollout, paths: Iterable[str]) -> list[str] | None:
    """The texts under the first of ``paths`` that holds one or a list of them, maybe empty; None for none."""
    for path in paths:
        value = look_up(rollout, path)
        if isinstance(value, str | list):
            texts = map(_as_text, value if isinstance(value, list) else [value])
            return [text for text in texts if text.strip()]
    return None


def _as_text(value: Any) -> str:
    """A text as it is, numbers and truth values as JSON writes them, "" for the rest."""
    if isinstance(value, str):
        return value
    return json.dumps(value) if isinstance(value, bool | int | float) else ""
