"""The material that a rollout is judged by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reward_fn.types.rollout import Rollout
from reward_fn.types.rubric import JudgeSpec


@dataclass(frozen=True, slots=True)
class Material:
    """A rollout that is to be judged, with everything that the judge is shown, looked up once.

    ``spec`` is the definition's rubric; where the definition allows it, the rollout's own criteria are in it.
    ``documents`` maps the name of each document to its text, in the definition's order; an optional document
    without text is left out. ``items`` are the list elements that are judged one by one: None if the
    definition judges no list, or if the answer holds no such list. ``reference`` is the text that the
    response is compared with, "" in modes that compare nothing.
    """

    rollout: Rollout
    spec: JudgeSpec
    documents: Mapping[str, str]
    items: Sequence[Any] | None = None
    reference: str = ""
