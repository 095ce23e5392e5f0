"""The judge by self-consistency: an answer is right if other answers to the same prompt agree with it.

It needs no model and no label (Wang et al., arXiv 2203.11171, vote over samples in the same way), and is
better than chance but wrong in a systematic way: a mistake that most samples make passes.
"""

from collections.abc import Sequence

from reward_fn.checks.numeric_answer import committed_number
from reward_fn.types.rollout import Rollout
from reward_fn.types.verdict import Leaf
from rewardctl.judges.brains import Opinion, Subject


def by_siblings(subject: Subject, leaf: Leaf) -> Opinion | None:
    """Yes if at least one sibling has the same final number, no without a final number.

    A criterion with choices gets the choice at the share of siblings that agree: with four choices and three
    siblings, one choice for each count. None if the rollout has no siblings.
    """
    siblings, criterion = subject.siblings, leaf.criterion
    if not siblings:
        return None
    number, why = _number(subject.material.rollout)
    agree = agreeing(subject.material.rollout, siblings)
    words = why if number is None else f"{agree} of {len(siblings)} siblings end with {number}"
    if not criterion.choices:
        return Opinion("yes" if agree else "no", words)
    place = round(agree / len(siblings) * (len(criterion.choices) - 1))
    return Opinion(criterion.choices[place], words)


def agreeing(rollout: Rollout, siblings: Sequence[Rollout]) -> int:
    """How many siblings have the final number of the rollout; 0 if it has none."""
    number, _ = _number(rollout)
    return 0 if number is None else sum(_number(sibling)[0] == number for sibling in siblings)


def _number(rollout: Rollout) -> tuple[object, str]:
    """The final number that a rollout commits to, or None and the reason."""
    return committed_number(rollout.answer, lenient=True)
