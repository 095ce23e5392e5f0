"""Voters, and the rules that combine their verdicts into one.

A voter is a model with its fallbacks, asked once. The rules, for each leaf:

- ``majority``: a yes, or a choice at least as good, needs more than half of all votes cast. A tie gives the
  worse answer, since false positives harm a training run and false negatives hardly do (arXiv 2604.07666).
- ``unanimous``: the worst of all votes. For a pitfall this is a yes.
- ``mean``: the mean of the votes' values.

If at least half of the votes cannot assess, neither does the combined verdict. Otherwise such votes do not
count. The same holds for "not applicable".
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from math import fsum
from typing import NamedTuple

from reward_fn.judge.base import Model
from reward_fn.judge.models.catalogue import profile
from reward_fn.types.rubric import UNSCORED_CLASSES, JudgeSpec, VerdictClass
from reward_fn.types.unscored import Reason
from reward_fn.types.verdict import Leaf, Verdict, Verdicts

SAMPLING_TEMPERATURE = 0.7
"""The temperature of several votes by one model: at 0 they would all be equal."""


class Voter(NamedTuple):
    """One vote: ``models`` are asked in turn until one gives verdicts.

    ``vote`` tells several votes of one model apart. A ``patient`` voter waits out throttling by its last
    model, since no other model can answer. Other voters must not delay a batch that does not need their vote.
    """

    models: tuple[Model, ...]
    vote: int = 0
    patient: bool = False


def voters(spec: JudgeSpec) -> tuple[Voter, ...]:
    """The voters asked first: the models of the panel, or ``spec.votes`` votes of one model."""
    if spec.panel:
        return tuple(
            Voter((_profile(model, spec),), vote) for model in spec.panel for vote in range(spec.votes)
        )
    models = tuple(_profile(model, spec) for model in spec.models)
    return tuple(Voter(models, vote, patient=True) for vote in range(spec.votes))


class Electorate(NamedTuple):
    """All voters of a batch. ``second`` is asked where the ``first`` leave doubts, if it is not None."""

    first: tuple[Voter, ...]
    second: Voter | None
    rule: str
    provoked: frozenset[Reason]

    @classmethod
    def of(cls, spec: JudgeSpec) -> "Electorate":
        """The voters that a definition names."""
        return cls(voters(spec), escalation_voter(spec), spec.rule, spec.provoked)


def models_of(spec: JudgeSpec) -> tuple[str, ...]:
    """Each tier or model that a definition may ask, in order, without repetition."""
    return tuple(dict.fromkeys((*(spec.panel or spec.models), *filter(None, [spec.escalate]))))


def escalation_voter(spec: JudgeSpec) -> Voter | None:
    """The voter asked where the first ones are in doubt; None if the definition does not escalate."""
    return Voter((profile(spec.escalate, spec.structure),)) if spec.escalate else None


def _profile(model: str, spec: JudgeSpec) -> Model:
    plain = profile(model, spec.structure)
    is_sampled = spec.votes > 1 and plain.temperature is not None
    return replace(plain, temperature=SAMPLING_TEMPERATURE) if is_sampled else plain


def combined(ballots: Sequence[Verdicts], rule: str) -> Verdicts:
    """One verdict for each leaf. There is at least one ballot, and all ballots hold the same leaves."""
    if len(ballots) == 1:
        return ballots[0]
    return {leaf: _combined(leaf, [ballot[leaf] for ballot in ballots], rule) for leaf in ballots[0]}


def agreement(ballots: Sequence[Verdicts]) -> float:
    """The share of pairs of voters with the same answer, over all leaves, in [0, 1]; 1 for a single voter."""
    pairs = [
        one[leaf].answer == other[leaf].answer for one, other in combinations(ballots, 2) for leaf in one
    ]
    return sum(pairs) / len(pairs) if pairs else 1.0


def leaves_in_doubt(ballots: Sequence[Verdicts]) -> frozenset[Leaf]:
    """The leaves on which voters differ, or one of them can't assess or gave an unsupported quote."""
    return frozenset(
        leaf
        for leaf in ballots[0]
        if len({ballot[leaf].answer for ballot in ballots}) > 1
        or any(b[leaf].answer == VerdictClass.CANNOT_ASSESS or b[leaf].unsupported for b in ballots)
    )


def _combined(leaf: Leaf, cast: Sequence[Verdict], rule: str) -> Verdict:
    counts = Counter(verdict.answer for verdict in cast)
    for unscored in UNSCORED_CLASSES:
        if 2 * counts[unscored] >= len(cast):
            return next(verdict for verdict in cast if verdict.answer == unscored)
    scored = sorted(  # from the worst for the rollout to the best
        (-worth if leaf.criterion.weight < 0 else worth, place)
        for place, verdict in enumerate(cast)
        if (worth := leaf.value(verdict)) is not None
    )
    if 2 * len(scored) <= len(cast):
        return Verdict(VerdictClass.CANNOT_ASSESS)
    if rule == "mean":
        mean = fsum(worth for worth, _ in scored) / len(scored)
        nearest = min(scored, key=lambda vote: abs(vote[0] - mean))
        return cast[nearest[1]]._replace(share=abs(mean))
    middle = 0 if rule == "unanimous" else (2 * len(scored) - len(cast) + 1) // 2 - 1
    return cast[scored[middle][1]]
