"""Who votes on a question, and how their verdicts become one.

A voter is a model with those that stand in for it, asked once. Rules, for each leaf:

- ``majority``: yes, or a choice at least as good, needs more than half of all that were cast; a tie is the
  worse of the two. False positives are what hurts a training run, false negatives little (arXiv 2604.07666).
- ``unanimous``: the worst of all; of a pitfall that is a yes.
- ``mean``: the mean of what they are worth.

A vote that can't assess is none; where half or more can't, nor can all together. The same goes for "not
applicable", which is an answer of its own.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from math import fsum
from typing import NamedTuple

from reward_fn.judge.models.catalogue import ModelProfile, profile
from reward_fn.types.rubric import UNSCORED_CLASSES, JudgeSpec, VerdictClass
from reward_fn.types.unscored import Reason
from reward_fn.types.verdict import Leaf, Verdict, Verdicts

SAMPLING_TEMPERATURE = 0.7
"""Of several votes of one model; at 0 they would all be the same."""


class Voter(NamedTuple):
    """``models`` are asked in turn until one gives verdicts; ``vote`` tells the votes of one model apart.

    A ``patient`` one waits out its last model's throttles: nobody else can be asked. Any other must not
    hold up those who can answer as well.
    """

    models: tuple[ModelProfile, ...]
    vote: int = 0
    patient: bool = False


def voters(spec: JudgeSpec) -> tuple[Voter, ...]:
    """Those that are asked at first: the panel, or so many votes of the first model."""
    if spec.panel:
        return tuple(
            Voter((_profile(model, spec),), vote) for model in spec.panel for vote in range(spec.votes)
        )
    models = tuple(_profile(model, spec) for model in spec.models)
    return tuple(Voter(models, vote, patient=True) for vote in range(spec.votes))


class Electorate(NamedTuple):
    """All who may vote on a batch, worked out once: ``second`` is asked where the ``first`` leave doubts."""

    first: tuple[Voter, ...]
    second: Voter | None
    rule: str
    provoked: frozenset[Reason]

    @classmethod
    def of(cls, spec: JudgeSpec) -> "Electorate":
        """Those whom a definition names."""
        return cls(voters(spec), heavyweight(spec), spec.rule, spec.provoked)


def models_of(spec: JudgeSpec) -> tuple[str, ...]:
    """Every tier or model that may be asked."""
    return tuple(dict.fromkeys((*(spec.panel or spec.models), *filter(None, [spec.escalate]))))


def heavyweight(spec: JudgeSpec) -> Voter | None:
    """Who is asked where the voters are unsure or differ; None for nobody."""
    return Voter((profile(spec.escalate, spec.structure),)) if spec.escalate else None


def _profile(model: str, spec: JudgeSpec) -> ModelProfile:
    found = profile(model, spec.structure)
    varied = spec.votes > 1 and found.temperature is not None
    return replace(found, temperature=SAMPLING_TEMPERATURE) if varied else found


def together(ballots: Sequence[Verdicts], rule: str) -> Verdicts:
    """One verdict a leaf from those of at least one voter; all of them answer the same leaves."""
    if len(ballots) == 1:
        return ballots[0]
    return {leaf: _verdict(leaf, [ballot[leaf] for ballot in ballots], rule) for leaf in ballots[0]}


def agreement(ballots: Sequence[Verdicts]) -> float:
    """The share of pairs of voters who gave the same answer, over all leaves; 1 for a single voter."""
    pairs = [
        one[leaf].answer == other[leaf].answer for one, other in combinations(ballots, 2) for leaf in one
    ]
    return sum(pairs) / len(pairs) if pairs else 1.0


def unsure(ballots: Sequence[Verdicts]) -> frozenset[Leaf]:
    """The leaves on which the voters differ, or one of them can't assess or found no quote."""
    return frozenset(
        leaf
        for leaf in ballots[0]
        if len({ballot[leaf].answer for ballot in ballots}) > 1
        or any(b[leaf].answer == VerdictClass.CANNOT_ASSESS or b[leaf].unsupported for b in ballots)
    )


def _verdict(leaf: Leaf, cast: Sequence[Verdict], rule: str) -> Verdict:
    counts = Counter(verdict.answer for verdict in cast)
    for unscored in UNSCORED_CLASSES:
        if 2 * counts[unscored] >= len(cast):
            return next(verdict for verdict in cast if verdict.answer == unscored)
    scored = sorted(  # from what is worst for the rollout on
        (-worth if leaf.criterion.weight < 0 else worth, place)
        for place, verdict in enumerate(cast)
        if (worth := leaf.value(verdict)) is not None
    )
    if 2 * len(scored) <= len(cast):
        return Verdict(VerdictClass.CANNOT_ASSESS)
    if rule == "mean":
        mean = fsum(worth for worth, _ in scored) / len(scored)
        nearest = min(scored, key=lambda each: abs(each[0] - mean))
        return cast[nearest[1]]._replace(share=abs(mean))
    middle = 0 if rule == "unanimous" else (2 * len(scored) - len(cast) + 1) // 2 - 1
    return cast[scored[middle][1]]
