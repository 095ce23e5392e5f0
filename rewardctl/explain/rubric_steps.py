"""How a rubric's score adds up, criterion by criterion."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reward_fn.reserved_names import RUBRIC
from reward_fn.types.rubric import Criterion, VerdictClass
from rewardctl.explain.case import scored_rubric
from rewardctl.explain.numbers import number
from rewardctl.explain.recorded import Recorded
from rewardctl.explain.types import RubricSum, Step


@dataclass(slots=True)
class Earned:
    """What one criterion adds to the rubric before the division.

    ``earned`` is weight times worth over its answered leaves, ``positive`` the weight that could be earned,
    ``worths`` are the worths of the answered leaves, ``leaves`` counts all that apply, and ``divisor`` is the
    number of items for a criterion about items, else 1.
    """

    criterion: Criterion
    earned: float = 0.0
    positive: float = 0.0
    worths: tuple[float, ...] = ()
    leaves: int = 0
    divisor: int = 1


def earned_by_criterion(recorded: Recorded) -> Mapping[str, Earned]:
    """What each criterion adds, by name, in the definition's order; {} without verdicts."""
    items = len({leaf.item for leaf in recorded.verdicts if leaf.item is not None})
    by_name = {criterion.name: Earned(criterion) for criterion in recorded.criteria}
    for leaf, verdict in recorded.verdicts.items():
        if verdict.answer == VerdictClass.NOT_APPLICABLE:
            continue
        entry = by_name[leaf.criterion.name]
        entry.leaves += 1
        entry.divisor = items if leaf.item is not None else 1
        weight = leaf.criterion.weight / entry.divisor
        if (worth := leaf.value(verdict)) is not None:
            entry.earned += weight * worth
            entry.positive += max(weight, 0.0)
            entry.worths += (worth,)
    return by_name if recorded.verdicts else {}


def rubric_sum(recorded: Recorded) -> RubricSum | None:
    """The rubric's sum. None if no rubric was answered.

    Without verdicts, as in a record of a deployed function, one step repeats the reported score.
    """
    scored = scored_rubric(recorded)
    if scored is None:
        score = recorded.rubric_score
        steps = () if score is None else (Step(RUBRIC, "as reported; the record holds no verdicts", score),)
        coverage = recorded.metrics.get("judge_coverage")
        return None if score is None or coverage is None else RubricSum(score, coverage, steps)
    if not scored.complete:
        return RubricSum(None, scored.coverage, tuple(_criteria(recorded)))
    return RubricSum(scored.score, scored.coverage, (*_criteria(recorded), _division(recorded, scored.score)))


def _criteria(recorded: Recorded) -> Iterator[Step]:
    """One step for each criterion that was asked; the value is the weight earned so far."""
    total, first = 0.0, True
    for name, entry in earned_by_criterion(recorded).items():
        if not entry.leaves:
            continue
        total += entry.earned
        formula = _formula(entry)
        sign = "- " if formula.startswith("-") else "" if first else "+ "
        yield Step(name, sign + formula.removeprefix("-"), total)
        first = False


def _formula(entry: Earned) -> str:
    weight = number(entry.criterion.weight)
    if not entry.worths:
        return f"{weight} × nothing: not answered, so its weight does not count"
    if entry.divisor == 1:
        return f"{weight} × {number(entry.worths[0])}"
    left_out = entry.divisor - len(entry.worths)
    note = f", {left_out} without a score" if left_out else ""
    return f"{weight} × {number(sum(entry.worths))} / {entry.divisor}{note}"


def _division(recorded: Recorded, score: float) -> Step:
    entries = list(earned_by_criterion(recorded).values())
    earned, positive = sum(entry.earned for entry in entries), sum(entry.positive for entry in entries)
    return Step(RUBRIC, f"{number(earned)} / {number(positive)}, the weight that could be earned", score)
