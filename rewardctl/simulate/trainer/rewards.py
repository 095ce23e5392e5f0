"""The rewards of completions, by the shipped scoring: a definition, ``score_batch``, and a failure policy."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from reward_fn.deadline import Deadline
from reward_fn.definition.load import load_definition
from reward_fn.pipeline import Scorer, score_batch
from reward_fn.types.verdict import Leaf
from rewardctl.judges.brains import BrainJudge, Opinion, Subject
from rewardctl.simulate.trainer.sums import HEDGE, RIGHT, Sum, behaviour_of, row

DEFINITIONS = Path(__file__).parent.parent / "definitions"
HONEST, HACKABLE, NEUTRAL, MASKED = "math-answer", "hackable", "broken judge, 0.5", "broken judge, masked"
BUDGET_S = 60.0


class Variant(NamedTuple):
    """A definition, and whether rollouts without a reward of their own are left out of their group."""

    definition: str
    masked: bool = False


VARIANTS: Mapping[str, Variant] = {
    HONEST: Variant("math-answer"),
    HACKABLE: Variant(str(DEFINITIONS / "sums-hackable.toml")),
    NEUTRAL: Variant(str(DEFINITIONS / "sums-judged.toml")),
    MASKED: Variant(str(DEFINITIONS / "sums-judged.toml"), masked=True),
}
"""What the model can be trained with, by name."""

Score = Callable[[Sequence[Sum], Sequence[str]], list[float | None]]
"""Returns the reward of each completion; None for one that the trainer leaves out."""


def scoring(name: str) -> Score:
    """The scoring of a variant. Raises KeyError for an unknown name, and DefinitionError."""
    variant = VARIANTS[name]
    definition = load_definition(variant.definition)
    judge = BrainJudge(judge_that_hedges_break, definition.judge, name) if definition.judge else None
    scorer = Scorer(definition, judge)

    def score(tasks: Sequence[Sum], texts: Sequence[str]) -> list[float | None]:
        rows = [row(task, text) for task, text in zip(tasks, texts, strict=True)]
        if judge is not None:
            from rewardctl.judges.brains import prepare

            prepare(judge, rows)
        results = score_batch(rows, scorer, Deadline.after(BUDGET_S)).results
        return [None if variant.masked and result.imputed else result.reward for result in results]

    return score


def judge_that_hedges_break(subject: Subject, leaf: Leaf) -> Opinion | None:  # noqa: ARG001 - one criterion
    """Judge rightly, but fail on hedges, as a judge that can't read an answer does."""
    rollout = subject.material.rollout
    left, right = rollout.id.split("+")
    behaviour = behaviour_of(Sum(int(left), int(right)), rollout.response)
    return None if behaviour == HEDGE else Opinion("yes" if behaviour == RIGHT else "no")
