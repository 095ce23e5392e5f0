"""Verdicts that differ between two runs. Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from rewardctl.diff.pairs import Pair
from rewardctl.explain.recorded import Recorded

Answers = dict[tuple[str, int | None], str]


@dataclass(frozen=True, slots=True)
class Flip:
    """A question that got another answer; ``item`` counts from 0, None for the whole answer."""

    criterion: str
    item: int | None
    before: str
    after: str

    @property
    def words(self) -> str:
        """``Coverage: no → yes``, with the item's number counted from 1."""
        place = "" if self.item is None else f" item {self.item + 1}"
        return f"{self.criterion}{place}: {self.before} → {self.after}"


@dataclass(frozen=True, slots=True)
class CriterionFlips:
    """One criterion: ``flipped`` of the ``answered`` questions that both runs answer."""

    name: str
    answered: int
    flipped: int

    @property
    def share(self) -> float:
        """The flipped share."""
        return self.flipped / self.answered


def flips_of(pair: Pair) -> list[Flip]:
    """The verdicts on one rollout that differ."""
    before, after = answers_of(pair.first), answers_of(pair.second)
    return [
        Flip(*key, before[key], after[key]) for key in before if key in after and before[key] != after[key]
    ]


def flips_by_criterion(pairs: Iterable[Pair]) -> list[CriterionFlips]:
    """The flips of each criterion that both runs have, in the order of the verdicts."""
    answered: Counter[str] = Counter()
    flipped: Counter[str] = Counter()
    for pair in pairs:
        before, after = answers_of(pair.first), answers_of(pair.second)
        answered.update(key[0] for key in before if key in after)
        flipped.update(key[0] for key in before if key in after and before[key] != after[key])
    return [CriterionFlips(name, count, flipped[name]) for name, count in answered.items()]


def answers_of(recorded: Recorded) -> Answers:
    """The verdicts of a record by criterion and item."""
    entries = recorded.record.get("verdicts") or ()
    return {(str(entry["criterion"]), entry.get("item")): str(entry["answer"]) for entry in entries}
