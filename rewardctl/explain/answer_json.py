"""Where the answer, its JSON and the items of its list stand in a response."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from reward_fn.text.answer import unfenced
from reward_fn.text.bounded_json import MAX_CHARS
from reward_fn.types.rollout import Rollout
from rewardctl.explain.json_spans import Span, element_spans, member_spans

_SHOWN_CHARS = 40
"""How much of the text after broken JSON is marked: enough to find the place."""


@dataclass(frozen=True)
class AnswerJson:
    """The JSON of one rollout's answer as it stands in the response."""

    rollout: Rollout

    @property
    def response(self) -> str:
        """The whole response, which all spans refer to."""
        return self.rollout.response

    @cached_property
    def text(self) -> str:
        """The answer without its code fence."""
        return unfenced(self.rollout.answer.text)

    @cached_property
    def start(self) -> int:
        """Where the answer begins in the response; 0 if it was put together from several places."""
        return max(0, self.response.rfind(self.text))

    @cached_property
    def members(self) -> Mapping[str, Span]:
        """The spans of the values of the answer's object, by key; {} if the answer is no JSON object."""
        return {} if self.rollout.parsed.error else member_spans(self.response, self.start)

    def elements(self, key: str) -> Sequence[Span]:
        """The spans of the elements of the list under ``key``, in order; [] if there is no such list."""
        span = self.members.get(key)
        return element_spans(self.response, span[0]) if span else []

    def field(self, element: Span, key: str) -> Span | None:
        """The span of the value under ``key`` in an element that is an object."""
        return member_spans(self.response, element[0]).get(key)

    def broken_at(self) -> Span | None:
        """Where JSON can't be read from, to the end of the line; None if another bound was exceeded."""
        if not self.rollout.parsed.error.startswith("not JSON") or len(self.text) > MAX_CHARS:
            return None
        try:
            json.loads(self.text)
        except json.JSONDecodeError as error:
            place = min(error.pos, len(self.text) - 1)
            line = self.text.find("\n", place + 1)
            end = min(len(self.text) if line < 0 else line, place + _SHOWN_CHARS)
            return self.start + place, self.start + max(end, place + 1)
        except (ValueError, RecursionError):
            return None
        return None

    def by_schema_path(self, path: str) -> Span | None:
        """The value that a path in a JSON Schema, such as "properties/comments/items", leads to by keys.

        The path stops at the first step that is not a key; None if no key is reached.
        """
        span, steps = None, path.split("/")
        place = self.start
        while len(steps) > 1 and steps[0] == "properties":
            members = member_spans(self.response, place)
            if steps[1] not in members:
                break
            span, steps = members[steps[1]], steps[2:]
            place = span[0]
        return span
