"""Cases: questions that a judge and people answered, joined."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rewardctl.calibrate.answers import Answer, Answers, Key
from rewardctl.calibrate.truth import PASSES, Labels, Truth
from rewardctl.labels.label import OVERALL

OVERALL_NAME = "overall"
"""The name of the whole answer in tables and requirements."""
ALL_CRITERIA = "all criteria"
"""The name of all criteria together."""


@dataclass(frozen=True, slots=True)
class Case:
    """A labelled question with the judge's answer; ``at`` is the score from which on that counts as a yes.

    ``prompt`` names the group of the rollout, ``length_chars`` is the length of its response.
    """

    key: Key
    id: Any
    answer: Answer
    truth: Truth
    prompt: str
    length_chars: int
    at: float = PASSES

    @property
    def score(self) -> float:
        """The judge's score. Only cases with one are measured."""
        return -1.0 if self.answer.score is None else self.answer.score

    @property
    def judge_yes(self) -> bool:
        """Whether the judge's answer counts as a yes."""
        return self.score >= self.at


@dataclass(frozen=True, slots=True)
class Part:
    """The cases of one criterion, of the whole answers, or of all criteria.

    ``unanswered`` counts labelled questions to which the judge gave no answer with a score. ``other_scores``
    are the judge's scores of questions without a label.
    """

    name: str
    cases: Sequence[Case]
    unanswered: int = 0
    other_scores: Sequence[float] = ()
    at: float = PASSES

    @property
    def clear(self) -> list[Case]:
        """The cases that nobody marked as a boundary case."""
        return [case for case in self.cases if not case.truth.boundary]

    @property
    def boundary(self) -> list[Case]:
        """The boundary cases: chosen because they are hard, so they are reported apart."""
        return [case for case in self.cases if case.truth.boundary]


def join(answers: Answers, labels: Labels, thresholds: Mapping[str, float]) -> list[Part]:
    """The parts of one judge: each criterion with labels in the order of the labels, then the whole answer.

    ``thresholds`` maps a criterion to the score from which on it counts as a yes, by default PASSES. With two
    and more criteria the part ALL_CRITERIA follows them.
    """
    criteria = list(dict.fromkeys(key.criterion for key in labels.truths if key.criterion != OVERALL))
    parts = [_part(name, name, answers, labels, thresholds) for name in criteria]
    if len(parts) > 1:
        cases = [case for part in parts for case in part.cases]
        others = [score for part in parts for score in part.other_scores]
        parts.append(Part(ALL_CRITERIA, cases, sum(part.unanswered for part in parts), others))
    if any(key.criterion == OVERALL for key in labels.truths):
        parts.append(_part(OVERALL_NAME, OVERALL, answers, labels, thresholds))
    return parts


def _part(
    name: str, criterion: str, answers: Answers, labels: Labels, thresholds: Mapping[str, float]
) -> Part:
    at = thresholds.get(criterion, PASSES)
    cases, unanswered = [], 0
    for key, truth in labels.truths.items():
        if key.criterion != criterion or key.row not in answers.rows:
            continue
        answer, facts = answers.kept.get(key), answers.rows[key.row]
        if answer is None or answer.score is None:
            unanswered += 1
        else:
            cases.append(Case(key, facts.id, answer, truth, facts.prompt, facts.length_chars, at))
    scored = _unlabelled(criterion, answers, labels)
    return Part(name, cases, unanswered, [*answers.other_scores.get(criterion, ()), *scored], at)


def _unlabelled(criterion: str, answers: Answers, labels: Labels) -> Iterable[float]:
    """The scores of questions without a label in rows that have others."""
    for key, answer in answers.kept.items():
        if key.criterion == criterion and key not in labels.truths and answer.score is not None:
            yield answer.score
