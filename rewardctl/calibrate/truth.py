"""The labels of one or several people, combined into one truth for each question."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from reward_fn.types.rubric import UNSCORED_CLASSES, YES_NO
from rewardctl.calibrate.answers import Key
from rewardctl.labels.label import OVERALL, Judgement

PASSES = 0.5
"""From this worth on a label is a yes: the answer to a criterion, or the worth of the whole answer."""

Worths = Callable[[str], Mapping[str, float | None]]
"""The worth in [0, 1] of each answer to the criterion of that name; None for an answer without a score."""


class Truth(NamedTuple):
    """The label of a question: its worth in [0, 1], and whether a labeller marked a boundary case."""

    worth: float
    boundary: bool = False

    @property
    def is_yes(self) -> bool:
        """Whether the label counts as a yes."""
        return self.worth >= PASSES


class Repeat(NamedTuple):
    """The first and a later answer of one labeller to the same question, as a yes or no."""

    question: Key
    first: bool
    later: bool


@dataclass(frozen=True, slots=True)
class Labels:
    """All labels. ``truths`` has each question with an agreed label.

    ``by_people`` has the labels of each question that two or more people labelled. ``repeats`` are the
    questions that a person answered twice. ``undecided`` counts questions whose labellers are split evenly,
    ``without_worth`` those to which nobody gave an answer with a worth, such as "cannot_assess".
    """

    truths: Mapping[Key, Truth]
    by_people: Mapping[Key, Sequence[bool]] = field(default_factory=dict)
    repeats: Sequence[Repeat] = ()
    undecided: int = 0
    without_worth: int = 0


def yes_or_no(_: str) -> Mapping[str, float | None]:
    """The worths of a criterion that is answered by yes or no."""
    return {**YES_NO, **dict.fromkeys(UNSCORED_CLASSES)}


def combine(judgements: Iterable[Judgement], worths: Worths = yes_or_no) -> Labels:
    """Combine labels: each person's first answer counts, and the majority of people decides.

    The worth of a truth is the mean over the majority. A label whose answer is not among ``worths`` counts
    as one without worth.
    """
    answers: dict[Key, dict[str, dict[int, float]]] = {}
    boundary: set[Key] = set()
    for judgement in judgements:
        question = Key(judgement.row, judgement.criterion, judgement.item)
        people = answers.setdefault(question, {})
        worth = (
            judgement.worth
            if judgement.criterion == OVERALL
            else worths(judgement.criterion).get(judgement.answer)
        )
        if worth is not None:
            people.setdefault(judgement.labeller, {})[judgement.repeat] = worth
        if judgement.boundary:
            boundary.add(question)
    return _combined(answers, boundary)


def _combined(answers: Mapping[Key, Mapping[str, Mapping[int, float]]], boundary: set[Key]) -> Labels:
    truths: dict[Key, Truth] = {}
    by_people: dict[Key, list[bool]] = {}
    repeats: list[Repeat] = []
    undecided = without_worth = 0
    for question, people in answers.items():
        firsts = [showings[min(showings)] for showings in people.values()]
        repeats += [r for showings in people.values() for r in _repeats(question, showings)]
        if len(firsts) > 1:
            by_people[question] = [worth >= PASSES for worth in firsts]
        yes = [worth for worth in firsts if worth >= PASSES]
        no = [worth for worth in firsts if worth < PASSES]
        if not firsts:
            without_worth += 1
        elif len(yes) == len(no):
            undecided += 1
        else:
            side = yes if len(yes) > len(no) else no
            truths[question] = Truth(sum(side) / len(side), question in boundary)
    return Labels(truths, by_people, repeats, undecided, without_worth)


def _repeats(question: Key, showings: Mapping[int, float]) -> Iterable[Repeat]:
    first, *later = sorted(showings)
    return [Repeat(question, showings[first] >= PASSES, showings[each] >= PASSES) for each in later]
