"""The check parameter ``answer``: the place of the answer in each response.

Without it a check reads ``rollout.answer``, which :mod:`reward_fn.text.answer` finds once for all checks.
A response without the place has an empty answer. If several places match, the last one counts.
"""

import re
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from reward_fn.text.answer import Answer, fenced, unfenced
from reward_fn.text.bounded_json import Parsed, parse_json
from reward_fn.text.patterns import Allowance, compile_finder
from reward_fn.text.thoughts import without_thoughts
from reward_fn.types.rollout import Rollout

_NAME = {"type": "string", "pattern": r"^[A-Za-z][\w|:-]{0,63}$(?!\n)"}
_LANGUAGE = {"type": "string", "pattern": r"^[\w+#./-]{0,40}$(?!\n)"}
ANSWER: Mapping[str, Any] = {
    "oneOf": [
        {"enum": ["last_line"]},
        *(
            {"type": "object", "properties": {key: form}, "required": [key], "additionalProperties": False}
            for key, form in (
                ("tag", _NAME),
                ("fence", _LANGUAGE),
                ("pattern", {"type": "string", "minLength": 1}),
            )
        ),
    ]
}
"""The JSON Schema of the parameter ``answer``."""

Place = Callable[[str], str | None]
"""Returns the text at one place of a response without its thoughts, None if it has no such place."""


def answer_of(parameters: Mapping[str, Any]) -> Callable[[Rollout], Answer]:
    """The function that finds a check's answer. Raises ValueError for a pattern that can't be used."""
    place = _place(parameters.get("answer"))
    if place is None:
        return lambda rollout: rollout.answer

    def find(rollout: Rollout) -> Answer:
        text = (place(without_thoughts(rollout.response)) or "").strip()
        return Answer(text, (text,), tagged=True)

    return find


def json_of(parameters: Mapping[str, Any]) -> Callable[[Rollout], Parsed]:
    """The function that reads a check's answer as JSON. Raises ValueError as :func:`answer_of` does."""
    if "answer" not in parameters:
        return lambda rollout: rollout.parsed
    find = answer_of(parameters)
    return lambda rollout: parse_json(unfenced(find(rollout).text))


def _place(where: str | Mapping[str, str] | None) -> Place | None:
    if where is None:
        return None
    if isinstance(where, str):
        return _last_line
    if "tag" in where:
        return _tag(where["tag"])
    if "fence" in where:
        language = where["fence"].lower()
        return lambda text: fenced(text, language)
    return _pattern(where["pattern"])


def _last_line(text: str) -> str:
    """The last line that is not blank."""
    return text.rstrip().rpartition("\n")[2]


def _tag(name: str) -> Place:
    opening = re.compile(rf"<{re.escape(name)}(?:[ \t][^<>\n]{{0,100}})?>", re.IGNORECASE)
    closing = re.compile(rf"</{re.escape(name)}>", re.IGNORECASE)

    def find(text: str) -> str | None:
        last = next(iter(deque(opening.finditer(text), maxlen=1)), None)
        if last is None:
            return None
        end = closing.search(text, last.end())
        return text[last.end() : end.start() if end else None]

    return find


def _pattern(pattern: str) -> Place:
    try:
        find = compile_finder(pattern)
    except ValueError as error:
        raise ValueError(f"answer.pattern: {error}") from error
    return lambda text: find(text, Allowance())
