"""A rubric's score from its verdicts, the share of it that was answered, and the score of each criterion.

The score is sum(w * value) / sum(w > 0) over the answered leaves. A criterion of items weighs w / number of
items for each item; one that does not apply weighs nothing. Pitfalls (w < 0) subtract, so the score may lie
below 0.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from math import fsum
from typing import NamedTuple

from reward_fn.types.definition import MIN_COVERAGE
from reward_fn.types.rubric import VerdictClass
from reward_fn.types.verdict import Verdicts

ROUNDING = 1e-9
"""Weights such as 0.1 and 0.2 have no exact sum, so coverage is compared with this tolerance."""


@dataclass(frozen=True, slots=True)
class RubricScore:
    """A rubric's score, at most 1, below 0 by pitfalls.

    ``coverage`` in [0, 1] is the answered share of |weight|. ``complete`` says that the score may be used:
    coverage is sufficient, something could be earned, and every pitfall and essential criterion is answered.
    """

    score: float
    coverage: float
    complete: bool
    essential_failed: bool


def rubric_score(verdicts: Verdicts, min_coverage: float = MIN_COVERAGE) -> RubricScore:
    """The score over the answered leaves, renormalised to them."""
    items = len({leaf.item for leaf in verdicts if leaf.item is not None})
    total = covered = positive = earned = 0.0
    essential_failed = key_missing = False
    for leaf, verdict in verdicts.items():
        criterion = leaf.criterion
        if verdict.answer == VerdictClass.NOT_APPLICABLE:
            continue
        weight = criterion.weight if leaf.item is None else criterion.weight / items
        counted = 0.0 if criterion.relative else abs(weight)
        total += counted
        score = leaf.value(verdict)
        if score is None:
            key_missing |= criterion.essential or weight < 0
            continue
        covered += counted
        positive += max(weight, 0.0)
        earned += weight * score
        essential_failed |= criterion.essential and (score == 0.0 or verdict.answer == criterion.worst)
    coverage = covered / total if total else 0.0
    return RubricScore(
        score=earned / positive if positive else 0.0,
        coverage=coverage,
        complete=coverage >= min_coverage - ROUNDING and positive > 0 and not key_missing,
        essential_failed=essential_failed,
    )


class Part(NamedTuple):
    """A criterion's part of a rubric's score: what it ``earned``, at most ``possible`` (0 for a pitfall)."""

    earned: float
    possible: float


def criterion_parts(verdicts: Verdicts) -> Mapping[str, Part]:
    """Divide a rubric's score among the criteria that were answered, by name: their parts add up to it."""
    items = len({leaf.item for leaf in verdicts if leaf.item is not None})
    sums: dict[str, tuple[float, float]] = {}
    for leaf, verdict in verdicts.items():
        if (score := leaf.value(verdict)) is None:
            continue
        criterion = leaf.criterion
        weight = criterion.weight if leaf.item is None else criterion.weight / items
        earned, possible = sums.get(criterion.name, (0.0, 0.0))
        sums[criterion.name] = (earned + weight * score, possible + max(weight, 0.0))
    positive = fsum(possible for _, possible in sums.values())
    if not positive:
        return {}
    return {name: Part(earned / positive, possible / positive) for name, (earned, possible) in sums.items()}


def criterion_scores(verdicts: Verdicts) -> Mapping[str, float]:
    """Each criterion's score in [0, 1], by name: the mean over the items that were answered."""
    answers: defaultdict[str, list[float]] = defaultdict(list)
    for leaf, verdict in verdicts.items():
        if (score := leaf.value(verdict)) is not None:
            answers[leaf.criterion.name].append(score)
    return {name: fsum(values) / len(values) for name, values in sorted(answers.items())}
