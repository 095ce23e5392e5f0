"""How rollouts move within their groups from one run to another. Pure.

A trainer of the GRPO family compares each reward with the others of its group. So a rollout moves if its
rank or its advantage changes, whatever happens to the rewards of other groups. The advantage is (reward -
mean) / standard deviation, as in :mod:`rewardctl.explain.group`; it is 0 in a group of equal rewards.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import fsum
from statistics import stdev

from rewardctl.diff.pairs import Pair
from rewardctl.explain.group import SAME


@dataclass(frozen=True, slots=True)
class Move:
    """A rollout's place in its group, before and after. Rank 1 is the best reward; equal rewards share it."""

    pair: Pair
    ranks: tuple[int, int]
    advantages: tuple[float, float]

    @property
    def signs(self) -> tuple[int, int]:
        """The signs of the advantages: -1, 0 or 1."""
        return _sign(self.advantages[0]), _sign(self.advantages[1])

    @property
    def is_flip(self) -> bool:
        """Whether the policy would be pushed the other way."""
        return self.signs[0] * self.signs[1] < 0

    @property
    def counts(self) -> bool:
        """Whether it has an advantage in either run: others say nothing about stability."""
        return self.signs != (0, 0)

    @property
    def is_kept(self) -> bool:
        """Whether the sign of the advantage is the same."""
        return self.signs[0] == self.signs[1]

    @property
    def change(self) -> float:
        """The second reward less the first."""
        return self.pair.second.reward - self.pair.first.reward

    @property
    def size(self) -> float:
        """How far the advantage moved."""
        return abs(self.advantages[1] - self.advantages[0])


@dataclass(frozen=True, slots=True)
class Order:
    """Pairs of rollouts of one group: ``reversed`` of ``compared`` stand the other way round after."""

    reversed: int
    compared: int


def moves_of(groups: Iterable[Sequence[Pair]]) -> list[Move]:
    """The moves in all groups of two and more."""
    return [move for group in groups if len(group) > 1 for move in _moves(group)]


def order_of(groups: Iterable[Sequence[Pair]]) -> Order:
    """How many pairs of rollouts of a group changed places, ties left out."""
    turned = compared = 0
    for group in groups:
        for one, other in combinations(group, 2):
            before = _sign(one.first.reward - other.first.reward)
            after = _sign(one.second.reward - other.second.reward)
            compared += bool(before)
            turned += before * after < 0
    return Order(turned, compared)


def has_variance(rewards: Sequence[float]) -> bool:
    """Whether the rewards of a group differ, so that something is learnt from it."""
    return max(rewards) - min(rewards) > SAME


def _moves(group: Sequence[Pair]) -> list[Move]:
    first = [pair.first.reward for pair in group]
    second = [pair.second.reward for pair in group]
    ranks = zip(_ranks(first), _ranks(second), strict=True)
    advantages = zip(_advantages(first), _advantages(second), strict=True)
    return [Move(*each) for each in zip(group, ranks, advantages, strict=True)]


def _advantages(rewards: Sequence[float]) -> list[float]:
    if not has_variance(rewards):
        return [0.0] * len(rewards)
    mean, deviation = fsum(rewards) / len(rewards), stdev(rewards)
    return [(reward - mean) / deviation for reward in rewards]


def _ranks(rewards: Sequence[float]) -> list[int]:
    return [1 + sum(other > reward + SAME for other in rewards) for reward in rewards]


def _sign(value: float) -> int:
    return (value > SAME) - (value < -SAME)
