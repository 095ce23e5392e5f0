"""The judge by self-consistency over stored answers; see :mod:`rewardctl.judges.siblings`."""

import numpy as np

from reward_fn.event.parse import parse_rows
from reward_fn.types.rollout import Rollout
from rewardctl.judges.siblings import agreeing
from rewardctl.simulate.stored.answers import Answers, Bools


def agreed(answers: Answers, least: int) -> Bools:
    """Marks the answers with the final number of at least ``least`` others to the prompt."""
    marks = np.zeros(answers.present.shape, bool)
    for place, group in enumerate(answers.rows):
        rollouts = [entry for entry in parse_rows(group) if isinstance(entry, Rollout)]
        for rollout in rollouts:
            others = [other for other in rollouts if other.index != rollout.index]
            marks[place, rollout.index] = agreeing(rollout, others) >= least
    return marks
