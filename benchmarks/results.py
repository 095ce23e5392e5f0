"""The results of a section, before they become Markdown, tables on a terminal, or JSON."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


class BenchmarkError(RuntimeError):
    """A measurement is invalid, since the timed code failed. The message says why."""


@dataclass(frozen=True, slots=True)
class Goal:
    """A number to reach: ``value`` must be at most ``limit``, or at least, without ``at_most``.

    ``shown`` is the value as text, with its spread; ``goal`` is the limit as text.
    """

    what: str
    goal: str
    value: float
    limit: float
    shown: str
    at_most: bool = True

    @property
    def met(self) -> bool:
        """Whether the value meets the limit."""
        return self.value <= self.limit if self.at_most else self.value >= self.limit

    @property
    def verdict(self) -> str:
        """``yes`` or ``no``."""
        return "yes" if self.met else "no"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under ``columns``; the first column is text, the others are numbers."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Section:
    """One measurement: ``how`` describes the procedure, ``notes`` explain the tables.

    ``skipped`` is the reason if there are no figures, else "". ``data`` is for machines.
    """

    title: str
    how: Sequence[str]
    goals: Sequence[Goal] = ()
    tables: Sequence[Table] = ()
    notes: Sequence[str] = ()
    skipped: str = ""
    data: dict[str, Any] = field(default_factory=dict)
