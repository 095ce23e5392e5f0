"""A finding about a definition and data.

It is a mistake if a part of the definition works on no row at all: then the definition or the data is wrong,
and not single rows.
"""

from collections.abc import Sequence
from typing import NamedTuple

from rewardctl.checking.readable import DataRow

MAX_LINES = 5
"""So many lines are named as examples of rows on which a part does not work."""


class Finding(NamedTuple):
    """A part of the definition that does not work on ``failing`` of ``of`` rows, first those of ``lines``."""

    place: str
    message: str
    failing: int
    of: int
    lines: tuple[int, ...]
    is_mistake: bool

    def __str__(self) -> str:
        if self.failing == self.of:
            return f"{self.place}: {self.message}, in each of {self.of} rows"
        where = listed_lines(self.lines, self.failing)
        return f"{self.place}: {self.message}, in {self.failing} of {self.of} rows ({where})"


def listed_lines(lines: Sequence[int], count: int | None = None) -> str:
    """Up to MAX_LINES of ``lines`` in words; ``count`` is how many there are in all."""
    count = len(lines) if count is None else count
    shown = lines[:MAX_LINES]
    more = ", …" if count > len(shown) else ""
    return f"{'line' if count == 1 else 'lines'} {', '.join(map(str, shown))}{more}"


def finding_of(
    place: str, message: str, lacking: Sequence[DataRow], rows: Sequence[DataRow], *, is_mistake: bool
) -> Finding:
    """The finding that ``lacking`` of ``rows`` lack something."""
    lines = tuple(row.line for row in lacking[:MAX_LINES])
    return Finding(place, message, len(lacking), len(rows), lines, is_mistake)
