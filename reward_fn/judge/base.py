"""The seam between the judging core and a model that answers: one question in, one raw reply out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from reward_fn.judge.models.catalogue import ModelProfile
from reward_fn.types.verdict import Leaf

BLOCKED = "blocked by our content filters"
"""How Nova words it, in an error or in place of an answer, when its filter stops a text (Nova user guide)."""


@dataclass(frozen=True, slots=True)
class Question:
    """One judge call, ready to send.

    ``static`` is the same for all rollouts of a group and comes first, so that prompt caches hit;
    ``variable`` holds the response. ``schema`` is that of the verdict object, ``leaves`` what it answers.
    ``items`` are the list elements that are judged one by one. ``key`` is the same for two questions that
    differ in nothing but their random fences.
    """

    system: str
    static: str
    variable: str
    schema: Mapping[str, Any]
    leaves: tuple[Leaf, ...]
    documents: Mapping[str, str]
    max_tokens: int
    key: str
    items: Sequence[Any] = ()

    @property
    def prefix_chars(self) -> int:
        """How long what siblings have in common is."""
        return len(self.system) + len(self.static)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model sent back. ``content`` is the tool's input, or the text of a reply that is text.

    Tokens that a prompt cache gave or took are not among ``input_tokens``.
    """

    content: Any
    stop_reason: str
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0


class Judge(Protocol):
    """Whoever answers questions. Safe to call from many threads at once."""

    def ask(self, question: Question, model: ModelProfile, *, within_s: float | None = None) -> Reply:
        """One attempt, without retries, that ends after ``within_s`` or the judge's own time-out.

        Raises JudgeFailure with a typed reason.
        """
        ...

    def warm(self) -> None:
        """Do now what the first call would do lazily, without asking anything."""
        ...
