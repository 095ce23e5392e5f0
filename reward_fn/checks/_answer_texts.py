"""What a rollout says to a reader: the strings of an answer in JSON, or its text."""

import re
from typing import Any

from reward_fn.types.rollout import Rollout

VALUE_CHARS = 128
"""A longer string is a text, and no number or key."""
_DIGIT = re.compile("[0-9]")
LONG_NUMBER = 10**6
"""From here on a whole number may be that of a card or a person."""


def answer_texts(rollout: Rollout, *, numbers: bool = False) -> list[str]:
    """The texts of the answer, escapes resolved; of JSON its strings.

    With ``numbers`` long numbers too, and a short string with figures after its key, which names it.
    """
    value = rollout.parsed.value
    if not isinstance(value, (dict, list, str)):
        return [rollout.answer.text]
    said: list[str] = []
    _collect(value, said, numbers)
    return said


def _collect(value: Any, said: list[str], numbers: bool) -> None:
    """Appends; a third of the time that a generator takes. JSON from an answer is not nested deeply."""
    kind = type(value)
    if kind is str:
        said.append(value)
    elif kind is dict:
        for key, child in value.items():
            if numbers and type(child) is str and _is_value(child):
                said.append(f"{key}: {child}")
            else:
                _collect(child, said, numbers)
    elif kind is list:
        for child in value:
            _collect(child, said, numbers)
    elif numbers and kind is int and value >= LONG_NUMBER:
        said.append(str(value))


def _is_value(text: str) -> bool:
    """Whether a string may be a number or a key, which needs its name beside it."""
    return len(text) <= VALUE_CHARS and _DIGIT.search(text) is not None
