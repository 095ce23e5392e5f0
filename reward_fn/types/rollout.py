"""Rollouts, and rows that can't be read as a rollout."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from reward_fn.text.answer import Answer, find_answer, unfenced
from reward_fn.text.bounded_json import Parsed, parse_json
from reward_fn.text.digest import digest, strings_of
from reward_fn.types.unscored import Reason


@dataclass(frozen=True, slots=True)
class Message:
    """One turn before the response: ``role`` as sent, ``text`` flattened from the shape that was sent."""

    role: str
    text: str


@dataclass(frozen=True)
class Rollout:
    """One completion with its prompt, id, reference and metadata.

    ``index`` is its place in the batch, from 0. ``id`` is echoed unchanged, whatever its type. ``messages``
    are the turns before the response. ``response`` is the text of the last assistant turn, "" if it is empty;
    ``tool_calls`` are the calls beside that text.
    """

    index: int
    id: Any
    messages: tuple[Message, ...]
    response: str
    reference_answer: Any = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    tool_calls: tuple[Mapping[str, Any], ...] = ()

    @cached_property
    def prompt(self) -> str:
        """The messages before the response as one text; all turns but the user's begin with their role."""
        return "\n\n".join(m.text if m.role == "user" else f"[{m.role}]\n{m.text}" for m in self.messages)

    @cached_property
    def answer(self) -> Answer:
        """The answer part of the response, without thoughts; computed once."""
        return find_answer(self.response)

    @cached_property
    def parsed(self) -> Parsed:
        """The answer parsed as JSON, once and within bounds, or why it can't be parsed."""
        return parse_json(unfenced(self.answer.text))

    @cached_property
    def group(self) -> str:
        """The same 16 hex digits for all rollouts of one prompt and reference."""
        texts = [text for message in self.messages for text in (message.role, message.text)]
        return digest(*texts, *strings_of(self.reference_answer))[:16]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that can't be scored: ``reason`` for machines, ``detail`` names the place and the remedy."""

    index: int
    id: Any
    reason: Reason
    detail: str
