"""The texts of an answer that a reader sees: the strings of JSON, or the answer itself."""

import re
from typing import Any

from reward_fn.types.rollout import Rollout

VALUE_CHARS = 128
"""A longer string is prose, not a number or a key."""
_DIGIT = re.compile("[0-9]")
LONG_NUMBER = 10**6
"""A whole number from here on may identify a card or a person."""


def answer_texts(rollout: Rollout, *, numbers: bool = False) -> list[str]:
    """The strings of an answer in JSON, with escapes resolved; of other answers the text.

    ``numbers`` adds long numbers, and puts the key before each short string with digits, since it names them.
    """
    value = rollout.parsed.value
    if not isinstance(value, (dict, list, str)):
        return [rollout.answer.text]
    texts: list[str] = []
    _collect(value, texts, numbers)
    return texts


def _collect(value: Any, texts: list[str], numbers: bool) -> None:
    """Append the texts of a JSON value, in a third of a generator's time. An answer's JSON is not deep."""
    kind = type(value)
    if kind is str:
        texts.append(value)
    elif kind is dict:
        for key, child in value.items():
            if numbers and type(child) is str and _is_value(child):
                texts.append(f"{key}: {child}")
            else:
                _collect(child, texts, numbers)
    elif kind is list:
        for child in value:
            _collect(child, texts, numbers)
    elif numbers and kind is int and value >= LONG_NUMBER:
        texts.append(str(value))


def _is_value(text: str) -> bool:
    """Whether a string may be a number or a secret key, which only its name identifies."""
    return len(text) <= VALUE_CHARS and _DIGIT.search(text) is not None
