"""Verdicts: the answers to a rubric, and how they came about."""

from collections.abc import Mapping
from typing import NamedTuple

from reward_fn.types.rubric import Criterion
from reward_fn.types.unscored import Unscored


class Leaf(NamedTuple):  # a tuple, as Verdict and Metric are: there are dozens for each rollout
    """One thing to be answered: a criterion of the whole answer (``item`` None) or of one item (from 0)."""

    criterion: Criterion
    item: int | None = None

    def value(self, verdict: "Verdict") -> float | None:
        """What a verdict on this is worth, in [0, 1]; None where it has no score."""
        return self.criterion.worth[verdict.answer] if verdict.share is None else verdict.share


class Verdict(NamedTuple):
    """A judge's answer to one leaf, with the evidence that it gave.

    ``answer`` is on the criterion's menu. ``unsupported`` marks one that was turned into the worst because
    its quote does not stand in the document. ``share`` in [0, 1] is what it is worth where several verdicts
    were put together, or answers compared; without it the criterion says so.
    """

    answer: str
    evidence: str = ""
    unsupported: bool = False
    share: float | None = None


Verdicts = Mapping[Leaf, Verdict]
"""A complete reply: one verdict for every leaf that was asked."""


class Vote(NamedTuple):
    """What one voter said of a rollout: ``voter`` is a model's id."""

    voter: str
    verdicts: Verdicts


class Judged(NamedTuple):
    """The verdicts on one rollout, and how they came about.

    ``votes`` are those that they were made of, where there are several. ``agreement`` in [0, 1] is the share
    of pairs of voters who gave the same answer, over all leaves; 1 for one voter. ``flips`` counts
    comparisons that changed with the order of the answers.
    """

    verdicts: Verdicts
    agreement: float = 1.0
    escalated: bool = False
    flips: int = 0
    votes: tuple[Vote, ...] = ()


Outcome = Judged | Unscored
"""What asking the judge about a rollout came to."""
