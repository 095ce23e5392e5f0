"""Rewards of stored rows by the shipped scoring."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from reward_fn.deadline import Deadline
from reward_fn.definition.load import load_definition
from reward_fn.pipeline import Scorer, score_batch
from reward_fn.types.definition import Definition
from reward_fn.types.result import Result
from rewardctl.simulate.stored.answers import Answers, Floats

DEFINITIONS = Path(__file__).parent.parent / "definitions"
LONG, MIXED, DEAD = (str(DEFINITIONS / f"answers-{name}.toml") for name in ("long", "mixed", "dead"))
BATCH = 256
BUDGET_S = 60.0


def score_rows(rows: Sequence[Any], definition: Definition) -> Iterator[Result]:
    """The results of rows under a definition without a judge."""
    scorer = Scorer(definition)
    for start in range(0, len(rows), BATCH):
        yield from score_batch(list(rows[start : start + BATCH]), scorer, Deadline.after(BUDGET_S)).results


def rewards_under(answers: Answers, name: str) -> Floats:
    """The rewards of all answers under another definition, scaled to the range from 0 to 1."""
    definition = load_definition(name)
    results = score_rows([row for group in answers.rows for row in group], definition)
    rewards = np.zeros(answers.present.shape)
    rewards[answers.present] = [in_unit(result.reward, definition) for result in results]
    return rewards


def in_unit(reward: float, definition: Definition) -> float:
    """A reward scaled from the definition's range to the one from 0 to 1."""
    return (reward - definition.low) / (definition.high - definition.low)
