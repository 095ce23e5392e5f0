"""Which component moved a rollout within its group. Pure.

A reward less its group's mean is a sum of parts, one for each component (:mod:`rewardctl.explain.
contributions`). What a component did to a move is its part after less its part before, in reward units.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from reward_fn.reserved_names import RUBRIC
from rewardctl.diff.moves import Move
from rewardctl.diff.pairs import Pair
from rewardctl.explain.contributions import contributions_of
from rewardctl.explain.group import SAME
from rewardctl.explain.recorded import Recorded

Effects = Mapping[str, float]
"""The change of each component's part, by the component's name, in reward units."""


def effects_of(move: Move, group: Sequence[Pair]) -> Effects:
    """What each component did to a move; {} if a definition is not at hand."""
    before = _parts(move.pair.first, [pair.first for pair in group if pair is not move.pair])
    after = _parts(move.pair.second, [pair.second for pair in group if pair is not move.pair])
    names = dict.fromkeys([*before, *after]) if before and after else {}
    changes = {name: after.get(name, 0.0) - before.get(name, 0.0) for name in names}
    return {name: change for name, change in changes.items() if abs(change) > SAME}


def shares_of(effects: Sequence[Effects]) -> dict[str, float]:
    """Each component's share of all that moved, in [0, 1], largest first."""
    totals: defaultdict[str, float] = defaultdict(float)
    for each in effects:
        for name, change in each.items():
            totals[name] += abs(change)
    whole = sum(totals.values())
    ordered = sorted(totals.items(), key=lambda item: (-item[1], item[0]))
    return {name: total / whole for name, total in ordered}


def main_cause(effects: Effects) -> str:
    """The component that did the most; "" if nothing is known."""
    return max(effects, key=lambda name: abs(effects[name]), default="")


def _parts(recorded: Recorded, siblings: Sequence[Recorded]) -> dict[str, float]:
    """The parts of a reward less its group's mean; criteria stand for the rubric that they make up."""
    entries, _ = contributions_of(recorded, siblings)
    has_criteria = any(entry.part_of for entry in entries)
    return {entry.name: entry.effect for entry in entries if not (has_criteria and entry.name == RUBRIC)}
