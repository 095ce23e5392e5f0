"""The rubric: its criteria, the documents beside them, and who answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Literal, NamedTuple

from reward_fn.types.unscored import Reason


class VerdictClass(StrEnum):
    """What a judge may answer to a criterion."""

    YES = "yes"
    NO = "no"
    CANNOT_ASSESS = "cannot_assess"
    NOT_APPLICABLE = "not_applicable"


YES_NO: Mapping[str, float] = {VerdictClass.YES: 1.0, VerdictClass.NO: 0.0}


_IDENTITY = frozenset(
    "name question weight scope essential may_not_apply quote_from quote_of choices values relative evidence "
    "examples".split()
)


UNSCORED_CLASSES = (VerdictClass.CANNOT_ASSESS, VerdictClass.NOT_APPLICABLE)


Evidence = Literal["quote", "reason", "none"]
"""What a judge writes before a verdict: a passage copied from the material, a few words, or nothing."""


class Example(NamedTuple):
    """An answer with the verdict that it deserves on one criterion; ``why`` may be ""."""

    answer: str
    verdict: str
    why: str = ""


@dataclass(frozen=True, eq=False)
class Criterion:
    """One question of the rubric, compared by identity: names are unique in a definition.

    It is answered yes or no, or, with ``choices`` (worst to best), by one of them: the one at place k of n is
    worth k / (n - 1), or ``values[k]``. ``weight`` < 0 marks a pitfall: a yes costs. ``scope`` "item" asks it
    of every list element, "answer" once. With ``quote_from``, nothing better than a no or the worst choice
    counts without a quote that stands in one of these documents, which with ``quote_of``, a key of the items,
    must share a passage with what the item holds there. An ``essential`` criterion answered no, or the worst
    choice, fixes the reward at the floor. One that ``may_not_apply`` may be answered so, and then counts
    neither way. A ``relative`` one is a place among others: it is not enough on its own to score a rollout.
    ``evidence`` "" leaves the kind to :attr:`evidence_kind`. ``examples`` are shown to the judge.
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
        """What the judge writes before the verdict: a quote where code looks for one, else a reason."""
        return self.evidence or ("quote" if self.quote_from else "reason")

    @cached_property
    def identity(self) -> tuple[object, ...]:
        """Equal for criteria that are the same question: all fields except ``maps_to``."""
        return tuple(value for name, value in vars(self).items() if name in _IDENTITY)

    @cached_property
    def worth(self) -> Mapping[str, float | None]:
        """What may be answered to it, and what each answer is worth, in [0, 1]; None for no score."""
        places = len(self.choices) - 1
        values = self.values or tuple(k / places for k in range(len(self.choices)))
        scored = dict(zip(self.choices, values, strict=True)) if self.choices else YES_NO
        unscored = UNSCORED_CLASSES[: 2 if self.may_not_apply else 1]
        return {**scored, **dict.fromkeys(unscored)}

    @property
    def worst(self) -> str:
        """The answer that a criterion has whose evidence is not there."""
        return self.choices[0] if self.choices else VerdictClass.NO


@dataclass(frozen=True, slots=True)
class Document:
    """A text shown to the judge: the first of ``sources`` (paths into the rollout) that holds text.

    Without it a rollout is unscored and nobody is asked, unless it is ``optional``.
    """

    name: str
    sources: tuple[str, ...]
    optional: bool = False


MAX_ITEMS = 20
"""The longest list that is judged, where a definition does not say otherwise."""


@dataclass(frozen=True, slots=True)
class JudgeSpec:
    """The rubric and who answers it.

    ``models`` are asked in turn until one gives verdicts; with ``votes`` so many times, or, where there is a
    ``panel``, each model of that, and ``rule`` makes one verdict of all. ``escalate`` is asked where they are
    unsure or differ. ``mode`` "pairwise" compares with the text under ``against``, in both orders; "group"
    shows the rollouts of a group side by side, where ``standing`` weighs their places (None: a share of what
    the criteria weigh).
    ``items`` is the path of the list in the response's JSON whose elements are judged one by one, "" for
    none; ``item_fields`` their keys that are shown, () for all. A list shorter than ``min_items`` or longer
    than ``max_items`` is the rollout's fault and not judged; ``empty`` is what an empty one earns. With
    ``own_rubric`` a rollout adds its own, by none of the names that are ``taken``. ``instructions`` are the
    definition's own words to the judge, after the fixed ones.
    """

    models: tuple[str, ...]
    criteria: tuple[Criterion, ...]
    mode: Literal["pointwise", "pairwise", "group"] = "pointwise"
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
