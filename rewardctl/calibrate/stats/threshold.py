"""The score from which on a judge's answer should count as a yes."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from reward_fn.text.digest import digest
from rewardctl.calibrate.stats.two_by_two import Pair, Table, tabulate


class Scored(NamedTuple):
    """A score in [0, 1] with its label and the name of its prompt."""

    score: float
    label: bool
    prompt: str


class Threshold(NamedTuple):
    """A score of ``at`` or more counts as a yes; ``unseen`` is the table on rollouts it was not chosen on."""

    at: float
    unseen: Table


def best_threshold(scored: Sequence[Scored]) -> Threshold | None:
    """The threshold with the largest TPR + TNR - 1 (Youden's J); None unless both labels are in each half.

    Among equal ones it is the highest: false positives hurt training most. A threshold that is chosen and
    reported on the same labels flatters the judge. So prompts are split into halves by a hash, and ``unseen``
    adds up the tables of each half under the threshold of the other; ``at`` is chosen on all of them.
    Source: Youden (1950), Cancer 3, 32-35.
    """
    halves: tuple[list[Scored], list[Scored]] = ([], [])
    for case in scored:
        halves[int(digest("half", case.prompt)[:8], 16) % 2].append(case)
    chosen, chosen_first, chosen_second = (_chosen(part) for part in (scored, *halves))
    if chosen is None or chosen_first is None or chosen_second is None:
        return None
    return Threshold(chosen, _table(halves[1], chosen_first) + _table(halves[0], chosen_second))


def _chosen(scored: Sequence[Scored]) -> float | None:
    """The best threshold of these; None if they do not have both labels."""
    yes = sum(case.label for case in scored)
    no = len(scored) - yes
    if not yes or not no:
        return None
    best, best_youden = 0.0, -1.0
    above_yes = above_no = 0
    ordered = sorted(scored, key=lambda case: -case.score)
    for place, case in enumerate(ordered):
        above_yes, above_no = above_yes + case.label, above_no + (not case.label)
        is_last_of_ties = place + 1 == len(ordered) or ordered[place + 1].score < case.score
        if is_last_of_ties and above_yes / yes - above_no / no > best_youden + 1e-12:
            best, best_youden = case.score, above_yes / yes - above_no / no
    return best


def _table(scored: Iterable[Scored], at: float) -> Table:
    return tabulate(Pair(case.score >= at, case.label) for case in scored)
