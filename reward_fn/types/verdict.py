"""Verdicts: the answers to a rubric, and how they were reached."""

from collections.abc import Mapping
from typing import NamedTuple

from reward_fn.types.rubric import Criterion
from reward_fn.types.unscored import Unscored


class Leaf(NamedTuple):  # a tuple, as Verdict and Metric are: there are dozens for each rollout
    """One question to answer: a criterion about the whole answer (``item`` None) or about item 0, 1, …"""

    criterion: Criterion
    item: int | None = None

    def value(self, verdict: "Verdict") -> float | None:
        """The worth of a verdict on this leaf, in [0, 1]; None if it has no score."""
        return self.criterion.worth[verdict.answer] if verdict.share is None else verdict.share


class Verdict(NamedTuple):
    """A judge's answer to one leaf, with the evidence that it gave.

    ``answer`` is one of the criterion's allowed answers. ``unsupported`` marks a verdict that was replaced by
    the worst answer because its quote does not stand in the document. ``share`` in [0, 1] is the worth of a
    verdict that was combined from several or that compares two answers; None leaves it to the criterion.
    """

    answer: str
    evidence: str = ""
    unsupported: bool = False
    share: float | None = None


Verdicts = Mapping[Leaf, Verdict]
"""A complete reply: one verdict for every leaf of the question."""


class Vote(NamedTuple):
    """One voter's verdicts on a rollout; ``voter`` is a model's id."""

    voter: str
    verdicts: Verdicts


class Judged(NamedTuple):
    """The verdicts on one rollout, and how they were reached.

    ``votes`` are the single votes, if there are several. ``agreement`` in [0, 1] is the share of pairs of
    voters who gave the same answer, over all leaves; 1 for one voter. ``flips`` counts the comparisons that
    changed with the order of the answers; None if the mode compares nothing.
    """

    verdicts: Verdicts
    agreement: float = 1.0
    escalated: bool = False
    flips: int | None = None
    votes: tuple[Vote, ...] = ()


Outcome = Judged | Unscored
"""The result of the judge calls about one rollout: verdicts, or the reason for their absence."""
