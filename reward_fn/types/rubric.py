"""The rubric: its criteria, the documents shown beside them, and the models that answer."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cached_property
from typing import Literal, NamedTuple

from reward_fn.types.unscored import Reason


class VerdictClass(StrEnum):
    """The answers that every judge may give to a criterion."""

    YES = "yes"
    NO = "no"
    CANNOT_ASSESS = "cannot_assess"
    NOT_APPLICABLE = "not_applicable"


YES_NO: Mapping[str, float] = {VerdictClass.YES: 1.0, VerdictClass.NO: 0.0}


UNSCORED_CLASSES = (VerdictClass.CANNOT_ASSESS, VerdictClass.NOT_APPLICABLE)


Evidence = Literal["quote", "reason", "none"]
"""The text before a verdict: a passage copied from the material, a few words, or nothing."""


class Example(NamedTuple):
    """An answer with the verdict that it deserves on one criterion; ``why`` may be ""."""

    answer: str
    verdict: str
    why: str = ""


@dataclass(frozen=True, eq=False)
class Criterion:
    """One question of the rubric; names are unique in a definition. Criteria are compared by object identity.

    - ``weight`` counts relative to the other criteria; below 0 it marks a pitfall, where a yes costs.
    - ``scope`` "item" asks the question of every list element, "answer" once.
    - An ``essential`` criterion answered no, or by the worst choice, fixes the reward at the floor.
    - ``may_not_apply`` allows the answer "not applicable", which then counts neither way.
    - ``quote_from`` names documents: any answer but no (or the worst choice) needs a quote from one of them.
      With ``quote_of``, a key of the items, the quote must share a passage with the item's text there.
    - ``choices``, worst first, replace yes and no. Choice k of n is worth k / (n - 1), or ``values[k]``.
    - A ``relative`` criterion is a place among others; it is not enough on its own to score a rollout.
    - ``evidence`` "" leaves the kind to :attr:`evidence_kind`. ``examples`` are shown to the judge.
    """

    name: str
    question: str
    weight: float = 1.0
    scope: Literal["item", "answer"] = "answer"
    essential: bool = False
    may_not_apply: bool = False
    quote_from: tuple[str, ...] = ()
    quote_of: str = ""
    maps_to: str = ""
    choices: tuple[str, ...] = ()
    values: tuple[float, ...] = ()
    relative: bool = False
    evidence: Literal["", "quote", "reason", "none"] = ""
    examples: tuple[Example, ...] = ()

    @cached_property
    def evidence_kind(self) -> Evidence:
        """The kind of text before the verdict: a quote if the code searches for one, else a reason."""
        return self.evidence or ("quote" if self.quote_from else "reason")

    @cached_property
    def identity(self) -> tuple[object, ...]:
        """Equal for two criteria that ask the same: all fields but ``maps_to``, which no judge sees."""
        return tuple(getattr(self, field.name) for field in fields(self) if field.name != "maps_to")

    @cached_property
    def worth(self) -> Mapping[str, float | None]:
        """The allowed answers and the worth of each in [0, 1]; None for an answer without a score."""
        places = len(self.choices) - 1
        values = self.values or tuple(k / places for k in range(len(self.choices)))
        scored = dict(zip(self.choices, values, strict=True)) if self.choices else YES_NO
        unscored = UNSCORED_CLASSES[: 2 if self.may_not_apply else 1]
        return {**scored, **dict.fromkeys(unscored)}

    @property
    def worst(self) -> str:
        """The answer that replaces one whose evidence can't be found: no, or the worst choice."""
        return self.choices[0] if self.choices else VerdictClass.NO


@dataclass(frozen=True, slots=True)
class Document:
    """A text shown to the judge: the first of ``sources`` (paths into the rollout) that holds text.

    If it is missing and not ``optional``, the rollout is unscored and no call is made.
    """

    name: str
    sources: tuple[str, ...]
    optional: bool = False


MAX_ITEMS = 20
"""The longest list that is judged, where a definition does not say otherwise."""


@dataclass(frozen=True, slots=True)
class JudgeSpec:
    """The rubric and the models that answer it.

    Voters: ``models`` are asked in turn until one gives verdicts. ``votes`` is how often they are asked; a
    ``panel`` replaces them, and each of its models votes. ``rule`` combines the votes. ``escalate`` is one
    more model, asked if the voters differ or are unsure.

    Mode: ``mode`` names a record in :mod:`reward_fn.judge.ask.modes`. ``against`` are the paths of the text
    that the mode "pairwise" compares with. ``standing`` is the weight of a place in the mode "group"; None
    means a share of the criteria's weight.

    Items: ``items`` is the path of the list in the response's JSON whose elements are judged one by one, ""
    for none; ``item_fields`` are the keys of an element that the judge sees, () for all. A list shorter than
    ``min_items`` or longer than ``max_items`` is the rollout's fault and is not judged; ``empty`` is the
    reward of an empty list.

    Own criteria: with ``own_rubric`` a rollout adds its own, under names that are not in ``taken``.
    ``instructions`` are the definition's text to the judge, after the fixed prompt. ``provoked`` are the
    reasons of a failure that count as the rollout's fault.
    """

    models: tuple[str, ...]
    criteria: tuple[Criterion, ...]
    mode: str = "pointwise"
    against: tuple[str, ...] = ()
    standing: float | None = None
    votes: int = 1
    panel: tuple[str, ...] = ()
    rule: Literal["majority", "unanimous", "mean"] = "majority"
    escalate: str = ""
    structure: Literal["tool", "json_schema", "text"] = "tool"
    documents: tuple[Document, ...] = ()
    show_prompt: bool = True
    items: str = ""
    item_fields: tuple[str, ...] = ()
    min_items: int = 0
    max_items: int = MAX_ITEMS
    empty: float = 0.0
    weight: float = 1.0
    max_tokens: int | None = None
    own_rubric: bool = False
    instructions: str = ""
    taken: frozenset[str] = frozenset()
    provoked: frozenset[Reason] = frozenset({Reason.FILTERED, Reason.OVERFLOW})
