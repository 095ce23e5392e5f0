"""What a rubric's verdicts come to: a score, how much of it was answered, and each criterion's own share.

The score is sum(w * yes) / sum(w > 0) over the answered leaves, where an item's criterion weighs
w / number of items and one that does not apply nothing. Pitfalls (w < 0) subtract, so it may lie below 0.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from math import fsum

from reward_fn.types.definition import MIN_COVERAGE
from reward_fn.types.rubric import VerdictClass
from reward_fn.types.verdict import Verdicts

ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class RubricScore:
    """``score`` at most 1 (below 0 by pitfalls); ``coverage`` in [0, 1], the answered share of |weight|."""

    score: float
    coverage: float
    complete: bool
    essential_failed: bool


def rubric_score(verdicts: Verdicts, min_coverage: float = MIN_COVERAGE) -> RubricScore:
    """What the answered leaves come to, renormalised over them."""
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


def criterion_scores(verdicts: Verdicts) -> Mapping[str, float]:
    """What each criterion earned, in [0, 1]: the mean over the items that were answered."""
    answers: defaultdict[str, list[float]] = defaultdict(list)
    for leaf, verdict in verdicts.items():
        if (score := leaf.value(verdict)) is not None:
            answers[leaf.criterion.name].append(score)
    return {name: fsum(values) / len(values) for name, values in sorted(answers.items())}
