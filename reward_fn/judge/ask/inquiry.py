"""An inquiry: a set of questions about some rollouts, and how the replies become verdicts on each of them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from reward_fn.judge.base import Question
from reward_fn.types.verdict import Verdicts


class Ballot(NamedTuple):
    """One voter's verdicts on one rollout.

    ``flips`` counts the comparisons that changed with the order of the answers; None if nothing was compared.
    """

    verdicts: Verdicts
    flips: int | None = None


Reading = Callable[[Sequence[Verdicts]], Sequence[Ballot]]
"""Turns one voter's replies, one for each question, into one ballot for each rollout."""


def single_ballot(replies: Sequence[Verdicts]) -> Sequence[Ballot]:
    """The reading of one question about one rollout: its reply, unchanged."""
    return [Ballot(replies[0])]


@dataclass(frozen=True, slots=True)
class Inquiry:
    """Questions that belong together: each voter answers all of them.

    ``indices`` are the places of the rollouts in the batch. ``read`` turns a voter's replies into ballots.
    ``otherwise`` holds the inquiries to make if this one gives no verdicts: the rollouts of a group, one by
    one.
    """

    indices: tuple[int, ...]
    questions: tuple[Question, ...]
    read: Reading = single_ballot
    otherwise: tuple["Inquiry", ...] = ()

    @property
    def key(self) -> tuple[str, ...]:
        """Equal for two inquiries that would get the same answer."""
        return tuple(question.key for question in self.questions) or tuple(map(str, self.indices))

    def keys_of_each(self) -> Iterator[tuple[int, tuple[str, ...]]]:
        """For each rollout's index, the keys of all questions that may be asked about it."""
        others = dict(pair for other in self.otherwise for pair in other.keys_of_each())
        yield from ((index, (*self.key, *others.get(index, ()))) for index in self.indices)


def about(index: int, question: Question) -> Inquiry:
    """An inquiry of one question about the rollout at that index of the batch."""
    return Inquiry((index,), (question,))
