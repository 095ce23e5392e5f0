"""The parts of an explanation that are about the rollout's text: marks, checks, criteria. Plain data."""

from dataclasses import dataclass
from typing import Literal

MarkKind = Literal["broken", "unsupported", "finding", "answer", "evidence"]
"""What a mark in the response shows, the most important kind first.

- ``broken``: JSON can't be read from here on. ``unsupported``: a quote that stands in no source.
- ``finding``: text that a check or a criterion objects to. ``answer``: the answer that a check read.
- ``evidence``: a quote of the judge, or an excerpt of the response, that stands in its source.
"""


@dataclass(frozen=True, slots=True)
class Mark:
    """A span of the response, ``text[start:end]``. Marks with one ``number``, from 1, are parts of one mark.

    ``why`` is a short phrase; it may quote the judge and the response.
    """

    start: int
    end: int
    kind: MarkKind
    why: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of the response, with its mark or without one."""

    text: str
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class MarkedText:
    """A text with marks that don't overlap, in order. The texts of all ``segments`` add up to ``text``."""

    text: str
    marks: tuple[Mark, ...] = ()
    segments: tuple[Segment, ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of the prompt."""

    role: str
    text: str


Role = Literal["gate", "score", "penalty", "metric", "unknown"]
"""The role of a check in its definition; "unknown" without a definition."""

CheckState = Literal["passed", "partial", "failed", "could not run", "not run"]
"""``partial`` is a score strictly between 0 and 1, except for a gate, which passes or fails."""


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One check of the definition, in its order.

    ``score`` is None if the check has none. ``weight`` is None for gates and metrics. ``reason`` says what
    the check found wrong, why it could not run, or why it was not run; "" if it passed. ``effect`` is its
    contribution to the reward, in reward units: a score's part of the weighted mean (with ``combine``
    "minimum", what the smallest score takes off), a penalty's deduction (<= 0); None if the formula did not
    make the reward, and for gates and metrics.
    """

    name: str
    role: Role
    state: CheckState
    score: float | None
    reason: str
    weight: float | None = None
    effect: float | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A quote in a document: ``before`` + ``quote`` + ``after`` is a window of its text.

    ``start`` and ``end`` are in characters of the document. ``exact`` is False if the quote differs from the
    text in case, white space, markup, or by an ellipsis.
    """

    document: str
    start: int
    end: int
    before: str
    quote: str
    after: str
    exact: bool = True


@dataclass(frozen=True, slots=True)
class VoteLine:
    """The answer of one judge of a panel."""

    model: str
    answer: str
    worth: float | None
    evidence: str = ""
    unsupported: bool = False


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """The verdict on one leaf: a criterion about the whole answer (``item`` None) or about item 0, 1, …

    ``worth`` is None if the answer counts for nothing. ``evidence`` is the judge's quote or reason.
    ``places`` are where the quote stands, in documents. ``search`` is the result of the search for a quote in
    words, such as "not found in target_contract"; "" if no quote was asked for.
    """

    item: int | None
    answer: str
    worth: float | None
    evidence: str = ""
    unsupported: bool = False
    places: tuple[Place, ...] = ()
    search: str = ""
    votes: tuple[VoteLine, ...] = ()


@dataclass(frozen=True, slots=True)
class CriterionLine:
    """One criterion with all its verdicts.

    ``score`` is the mean worth over its answered items, None without any. ``weight`` < 0 marks a pitfall,
    where a yes costs. ``share`` is what the criterion added to the rubric's score; None if the rubric has no
    score. ``question`` and ``weight`` come from the definition: "" and None without it.
    """

    name: str
    question: str
    weight: float | None
    score: float | None
    answers: tuple[AnswerLine, ...]
    share: float | None = None
    essential: bool = False
    maps_to: str = ""
