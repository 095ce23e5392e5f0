"""Everything that a diff finds out about two runs. Pure, but for the resampling of an interval."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from typing import Any

from reward_fn.types.definition import Definition
from rewardctl.calibrate.stats.estimate import Estimate
from rewardctl.diff.causes import Effects, effects_of, shares_of
from rewardctl.diff.moves import Move, Order, has_variance, moves_of, order_of
from rewardctl.diff.pairs import Pair, Paired
from rewardctl.diff.stability import signs_kept
from rewardctl.diff.verdict_flips import CriterionFlips, Flip, flips_by_criterion, flips_of
from rewardctl.explain.group import SAME

SHOWN = 10
"""Rollouts to look at: as many as a person reads at a sitting."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two runs: what it is called, what scored it, and the range of its rewards if known."""

    name: str
    definition: str
    judge: str
    low: float | None = None
    high: float | None = None


def side_of(name: str, definition: str, judge: str, served: Definition | None) -> Side:
    """A run with the range of its definition; without a judge if the definition has none."""
    if served is None:
        return Side(name, definition, judge)
    return Side(name, definition, judge if served.judge else "", served.low, served.high)


@dataclass(frozen=True, slots=True)
class Mover:
    """A rollout that moved, what each component did to it, and the verdicts that differ."""

    move: Move
    effects: Effects
    flips: tuple[Flip, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs of the same rollouts.

    ``rollouts`` have a reward of their own in both runs, ``unscored`` do not, ``unscored_once`` in only one.
    ``alone`` rollouts have no sibling with a reward, so no advantage. ``changed`` rewards differ;
    ``mean_change`` is the mean of second less first. ``moves`` are those of all rollouts with siblings.
    ``tied`` counts groups of equal rewards before and after, of ``groups``. ``components`` are each
    component's share of all that moved, ``largest`` the rollouts to look at.
    """

    first: Side
    second: Side
    rollouts: int
    unscored: int
    unscored_once: int
    other_text: int
    only_first: int
    only_second: int
    alone: int
    groups: int
    tied: tuple[int, int]
    changed: int
    mean_change: float
    moves: tuple[Move, ...]
    order: Order
    kept: Estimate
    components: Mapping[str, float]
    criteria: tuple[CriterionFlips, ...]
    largest: tuple[Mover, ...]

    @property
    def is_identical(self) -> bool:
        """Whether both runs hold the same rollouts with the same rewards and verdicts."""
        unpaired = self.unscored_once + self.other_text + self.only_first + self.only_second
        flipped = sum(criterion.flipped for criterion in self.criteria)
        return bool(self.rollouts) and not (unpaired or flipped or self.changed)

    @property
    def sign_flips(self) -> int:
        """Rollouts that the policy would be pushed away from instead of towards, or the other way round."""
        return sum(move.is_flip for move in self.moves)

    @property
    def gained(self) -> int:
        """Rollouts that have an advantage only in the second run."""
        return sum(move.signs[0] == 0 != move.signs[1] for move in self.moves)

    @property
    def lost(self) -> int:
        """Rollouts that have an advantage only in the first run."""
        return sum(move.signs[1] == 0 != move.signs[0] for move in self.moves)

    @property
    def rank_changes(self) -> int:
        """Rollouts with another rank in their group."""
        return sum(move.ranks[0] != move.ranks[1] for move in self.moves)


def compare(paired: Paired, first: Side, second: Side) -> Comparison:
    """Compare the rollouts that two runs have in common."""
    groups = paired.groups()
    several = [group for group in groups if len(group) > 1]
    moves = moves_of(groups)
    effects = _all_effects(moves, several)
    changes = [pair.second.reward - pair.first.reward for pair in paired.pairs]
    return Comparison(
        first,
        second,
        rollouts=len(paired.pairs),
        unscored=paired.unscored,
        unscored_once=paired.unscored_once,
        other_text=paired.other_text,
        only_first=paired.only_first,
        only_second=paired.only_second,
        alone=len(groups) - len(several),
        groups=len(several),
        tied=_tied(several),
        changed=sum(abs(change) > SAME for change in changes),
        mean_change=fsum(changes) / len(changes) if changes else 0.0,
        moves=tuple(moves),
        order=order_of(several),
        kept=signs_kept(moves),
        components=shares_of(list(effects.values())),
        criteria=tuple(flips_by_criterion(paired.pairs)),
        largest=tuple(_largest(moves, effects)),
    )


def _tied(groups: Sequence[Sequence[Pair]]) -> tuple[int, int]:
    before = sum(not has_variance([pair.first.reward for pair in group]) for group in groups)
    after = sum(not has_variance([pair.second.reward for pair in group]) for group in groups)
    return before, after


def _all_effects(moves: Sequence[Move], groups: Sequence[Sequence[Pair]]) -> dict[int, Effects]:
    """What components did to each move, by its place in ``moves``; groups in which nothing moved are left
    out."""
    effects: dict[int, Effects] = {}
    place = 0
    for group in groups:
        if any(abs(pair.second.reward - pair.first.reward) > SAME for pair in group):
            for offset in range(len(group)):
                effects[place + offset] = effects_of(moves[place + offset], group)
        place += len(group)
    return effects


def _largest(moves: Sequence[Move], effects: Mapping[int, Effects]) -> list[Mover]:
    """Flipped signs first, then the largest change of the advantage and of the reward."""

    def size(place: int) -> Any:
        move = moves[place]
        return (-move.is_flip, -move.size, -abs(move.change))

    places = [place for place in effects if moves[place].size > SAME or abs(moves[place].change) > SAME]
    chosen = sorted(places, key=size)[:SHOWN]
    return [Mover(moves[place], effects[place], tuple(flips_of(moves[place].pair))) for place in chosen]
