"""Two runs side by side: the same rollouts by their id, and what changed between them. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rewardctl.report.columns import Columns
from rewardctl.report.within import Floats

LARGEST = 20
"""As many changed rollouts as a person reads at a sitting."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One rollout in two runs: its id, its rows, and its rewards."""

    id: str
    first_row: int
    second_row: int
    first: float
    second: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """A run beside the first one.

    ``paired`` rollouts have the same id in both and a reward in both; ids that occur twice in a run are not
    paired. ``changed`` of them differ. ``mean_change`` is second less first, with ``error``, its standard
    error (None below two pairs). ``largest`` are the pairs that differ most.
    """

    first: str
    second: str
    paired: int
    only_first: int
    only_second: int
    changed: int
    mean_change: float | None
    error: float | None
    largest: tuple[Pair, ...] = ()


def compare(names: Sequence[str], runs: Sequence[Columns]) -> list[Comparison]:
    """Compare each further run with the first."""
    return [_compare(names[0], name, runs[0], run) for name, run in zip(names[1:], runs[1:], strict=True)]


def _compare(first_name: str, second_name: str, first: Columns, second: Columns) -> Comparison:
    ours, theirs = _rows(first), _rows(second)
    ids = [id_ for id_ in ours if id_ in theirs]
    pairs = [
        Pair(id_, ours[id_], theirs[id_], *_rewards(first, second, ours[id_], theirs[id_])) for id_ in ids
    ]
    pairs = [pair for pair in pairs if pair.first == pair.first and pair.second == pair.second]
    changes: Floats = np.array([pair.second - pair.first for pair in pairs], dtype=float)
    order: list[int] = np.argsort(-np.abs(changes), kind="stable")[:LARGEST].tolist()
    return Comparison(
        first_name,
        second_name,
        paired=len(pairs),
        only_first=len(ours.keys() - theirs.keys()),
        only_second=len(theirs.keys() - ours.keys()),
        changed=int(np.count_nonzero(changes)),
        mean_change=float(changes.mean()) if len(pairs) else None,
        error=float(changes.std(ddof=1) / np.sqrt(len(pairs))) if len(pairs) > 1 else None,
        largest=tuple(pairs[i] for i in order if changes[i]),
    )


def _rewards(first: Columns, second: Columns, first_row: int, second_row: int) -> tuple[float, float]:
    return first.reward[first_row], second.reward[second_row]


def _rows(columns: Columns) -> dict[str, int]:
    """Return the row of each id that occurs once."""
    counts = Counter(columns.ids)
    return {id_: row for row, id_ in enumerate(columns.ids) if counts[id_] == 1}
