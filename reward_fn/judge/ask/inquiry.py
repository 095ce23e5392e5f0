"""What is asked to judge some rollouts of a batch, and how the replies become their verdicts."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from reward_fn.judge.base import Question
from reward_fn.types.verdict import Verdicts


class Ballot(NamedTuple):
    """One voter's verdicts on one rollout; ``flips`` counts those that changed with the order of answers."""

    verdicts: Verdicts
    flips: int = 0


Reading = Callable[[Sequence[Verdicts]], Sequence[Ballot]]
"""From one voter's replies, one for each question, a ballot for each rollout."""


def as_it_is(replies: Sequence[Verdicts]) -> Sequence[Ballot]:
    """One question about one rollout."""
    return [Ballot(replies[0])]


@dataclass(frozen=True, slots=True)
class Inquiry:
    """``questions`` that each voter answers, all of them, and ``read``, which makes ballots of the replies.

    ``indices`` are the places of its rollouts in the batch. ``otherwise`` is asked where this comes to
    nothing: the rollouts of a group one by one.
    """

    indices: tuple[int, ...]
    questions: tuple[Question, ...]
    read: Reading = as_it_is
    otherwise: tuple["Inquiry", ...] = ()

    @property
    def key(self) -> tuple[str, ...]:
        """The same for two inquiries that would get the same answer."""
        return tuple(question.key for question in self.questions) or tuple(map(str, self.indices))

    def keys_of_each(self) -> Iterator[tuple[int, tuple[str, ...]]]:
        """For each rollout, the keys of all questions that may be asked about it."""
        others = dict(pair for other in self.otherwise for pair in other.keys_of_each())
        yield from ((index, (*self.key, *others.get(index, ()))) for index in self.indices)


def about(index: int, question: Question) -> Inquiry:
    """One question about the rollout at that place in the batch."""
    return Inquiry((index,), (question,))
