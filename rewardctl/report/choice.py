"""Which rollouts a person should read: the surprising, the slow, the failed, and both ends. Pure.

The page holds the numbers of all rollouts, but the texts of these first.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from rewardctl.report.columns import Columns
from rewardctl.report.components import is_own
from rewardctl.report.within import Bools, Floats, Grouping, Ints, within_sd

MANY, SOME = 20, 10
"""As many as a person reads at a sitting, for the long lists and the short ones."""


def choose(columns: Columns) -> dict[str, list[int]]:
    """Return the rows to read by the name of their list, the most telling first; empty lists are left out."""
    has_reward = is_own(columns)
    reward, judge_s = np.frombuffer(columns.reward), np.frombuffer(columns.judge_s)
    is_stopped = np.frombuffer(columns.gate, np.int64) >= 0
    lists = {
        "most surprising": _surprising(columns, has_reward & ~is_stopped),
        "slowest": _first(-judge_s, judge_s > 0, MANY),
        "without a reward of their own": _first(np.arange(len(columns)), ~has_reward, MANY),
        "stopped by a gate": _first(np.arange(len(columns)), is_stopped, SOME),
        "lowest": _first(reward, has_reward, SOME),
        "highest": _first(-reward, has_reward, SOME),
        "longest": _first(-np.frombuffer(columns.length), has_reward & ~np.isnan(columns.length), SOME),
    }
    return {name: rows for name, rows in lists.items() if rows}


def surprise(columns: Columns, grouping: Grouping) -> Floats:
    """Return how surprising each row of ``grouping`` is: |reward - mean of its siblings| / within-group sd.

    With n rewards of mean m in a group, a reward r lies n / (n - 1) * |r - m| from the mean of the others.
    """
    reward = np.frombuffer(columns.reward)
    deviation = within_sd(grouping, reward)
    if not deviation:
        return np.zeros(len(grouping.rows))
    sizes = np.repeat(grouping.sizes, grouping.sizes)
    distance: Floats = np.abs(grouping.centred(reward)) * sizes / (sizes - 1) / deviation
    return distance


def _surprising(columns: Columns, among: Bools) -> list[int]:
    """Return the most surprising rows; of equals first those whose voters disagree or whose length is odd.

    Rollouts that a gate stopped are on a list of their own, and would fill this one.
    """
    grouping = Grouping.of(np.frombuffer(columns.group, np.int64), among)
    values = surprise(columns, grouping).round(9)
    agreement = np.nan_to_num(np.frombuffer(columns.agreement)[grouping.rows], nan=1.0)
    unusual = np.abs(grouping.centred(np.nan_to_num(np.frombuffer(columns.length))))
    order = np.lexsort((grouping.rows, -unusual, agreement, -values))
    rows: list[int] = grouping.rows[order[values[order] > 0]][:MANY].tolist()
    return rows


def _first(key: Floats | Ints, among: Bools, count: int) -> list[int]:
    """Return the rows with the smallest keys, in order; of equals the first."""
    rows = np.flatnonzero(among)
    result: list[int] = rows[np.argsort(key[rows], kind="stable")][:count].tolist()
    return result


PAGE_ROWS = 100_000
"""The rollouts that a page lists at most: their numbers take 6 to 10 MB of its 15."""


def page_rows(columns: Columns, chosen: Sequence[int], limit: int = PAGE_ROWS) -> list[int] | None:
    """Return the rows that the page lists, in order; None for all.

    A larger run is thinned out evenly, by blocks of SIBLINGS rows so that most groups stay whole. The
    ``chosen`` rows are always kept.
    """
    if len(columns) <= limit:
        return None
    every = -(-len(columns) // max(limit - len(chosen), 1))
    blocks = range(0, len(columns), SIBLINGS * every)
    rows = {row for start in blocks for row in range(start, min(start + SIBLINGS, len(columns)))}
    return sorted(rows.union(chosen))


def groups_of(columns: Columns, rows: Sequence[int]) -> Mapping[int, list[int]]:
    """Return the first rows of the groups of ``rows``, at most SIBLINGS a group, by the group's number."""
    wanted = {columns.group[row] for row in rows} - {-1}
    members: dict[int, list[int]] = {group: [] for group in wanted}
    for row, group in enumerate(columns.group):
        if group in wanted and len(members[group]) < SIBLINGS:
            members[group].append(row)
    return members


SIBLINGS = 16
"""As many rollouts a group as the largest recipes sample (number_generation is at most 16)."""
