"""Statistics inside the groups of a prompt, which are what GRPO trains on. Pure; arrays in, numbers out.

GRPO compares each rollout with the other rollouts of its group, so a difference between prompts trains
nothing. With x the value of a rollout and m its group's mean, everything here is made of the centred values
x - m, pooled over all groups of two and more.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Grouping:
    """The rows that are compared: those of groups of two and more.

    ``rows`` are their numbers, sorted by group; ``starts`` is where each group begins in ``rows``, ``sizes``
    the number of its rows.
    """

    rows: Ints
    starts: Ints
    sizes: Ints

    @classmethod
    def of(cls, groups: Ints, usable: Bools) -> "Grouping":
        """Group the ``usable`` rows; a group number below 0 means that a row has none."""
        rows = np.flatnonzero(usable & (groups >= 0))
        rows = rows[np.argsort(groups[rows], kind="stable")]
        if not len(rows):
            return cls(rows, np.zeros(0, np.int64), np.zeros(0, np.int64))
        starts = np.flatnonzero(np.r_[True, np.diff(groups[rows]) != 0])
        sizes = np.diff(np.r_[starts, len(rows)])
        rows = rows[np.repeat(sizes > 1, sizes)]
        sizes = sizes[sizes > 1]
        return cls(rows, np.cumsum(sizes) - sizes, sizes)

    def members(self) -> Iterator[list[int]]:
        """Yield the rows of each group."""
        for start, size in zip(self.starts.tolist(), self.sizes.tolist(), strict=True):
            yield self.rows[start : start + size].tolist()

    @property
    def count(self) -> int:
        """The number of groups."""
        return len(self.sizes)

    def means(self, values: Floats) -> Floats:
        """Return the mean of ``values`` (one a row of the run) in each group."""
        return self._over(np.add, values) / self.sizes

    def centred(self, values: Floats) -> Floats:
        """Return ``values`` less their group's mean, one for each of ``rows``."""
        return values[self.rows] - np.repeat(self.means(values), self.sizes)

    def ranges(self, values: Floats) -> Floats:
        """Return the largest less the smallest of ``values`` in each group; exactly 0 if all are equal."""
        return self._over(np.maximum, values) - self._over(np.minimum, values)

    def _over(self, combine: np.ufunc, values: Floats) -> Floats:
        if not self.count:
            return np.zeros(0)
        result: Floats = combine.reduceat(values[self.rows], self.starts)
        return result


def within_sd(grouping: Grouping, values: Floats) -> float | None:
    """Return the pooled standard deviation within groups, sqrt(sum((x - m)^2) / (N - G)).

    N is the number of rows in G groups, so it is the sample standard deviation of a group, as in TRL and
    verl, pooled. None without a group of two.
    """
    freedom = len(grouping.rows) - grouping.count
    return float(np.sqrt(_product(grouping, values, values) / freedom)) if freedom > 0 else None


def within_correlation(grouping: Grouping, x: Floats, y: Floats) -> float | None:
    """Return Pearson's correlation of the centred values, -1 to 1; None if one of them does not vary."""
    spread = np.sqrt(_product(grouping, x, x) * _product(grouping, y, y))
    return float(np.clip(_product(grouping, x, y) / spread, -1.0, 1.0)) if spread > 0 else None


def _product(grouping: Grouping, x: Floats, y: Floats) -> float:
    """Return the sum of the products of the centred values; rounding noise counts as 0."""
    a, b = grouping.centred(x), grouping.centred(y)
    a[np.abs(a) < NOISE] = 0.0
    b[np.abs(b) < NOISE] = 0.0
    return float(a @ b)


NOISE = 1e-12
"""A mean of equal numbers may differ from them by rounding: 1e-16 relative, and rewards are about 1."""
