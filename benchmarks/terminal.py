"""Show results and progress on a terminal."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table as RichTable
from rich.text import Text

from benchmarks.markdown import goal_table
from benchmarks.results import Section, Table
from benchmarks.timing import Tick

MET_STYLE = {"yes": "bold green", "no": "bold red"}


class Reporter:
    """Progress over the sections, drawn only between measurements, so that drawing is never timed."""

    def __init__(self, console: Console, sections: int) -> None:
        columns = (BarColumn(20), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
        self._console = console
        self._progress = Progress(*columns, console=console, auto_refresh=False, transient=True)
        self._task = self._progress.add_task("starting", total=sections)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    @contextmanager
    def section(self, name: str) -> Iterator[Tick]:
        """Yield a tick that shows the current step; without a terminal, print one line for each section."""
        begun_s = time.monotonic()

        def tick(step: str) -> None:
            self._progress.update(self._task, description=f"{name}: {step}", refresh=True)

        yield tick
        self._progress.update(self._task, advance=1, refresh=True)
        if not self._console.is_terminal:
            self._console.print(f"{name}: measured in {time.monotonic() - begun_s:.0f} s")


def show(console: Console, machine: Mapping[str, str], sections: Mapping[str, Section]) -> None:
    """Print the machine, each section's tables, and last all goals."""
    for name, value in machine.items():
        console.print(Text.assemble((f"{name}: ", "bold"), value))
    for section in sections.values():
        console.rule(Text(section.title.replace("`", "")))
        for table in section.tables:
            console.print(rich_table(table))
        for note in (*section.notes, *([f"Not measured: {section.skipped}."] if section.skipped else [])):
            console.print(Text(note.replace("`", ""), style="dim"))
    console.rule("Goals")
    console.print(rich_table(goal_table(goal for section in sections.values() for goal in section.goals)))


def rich_table(table: Table) -> RichTable:
    """A table in the layout of :func:`benchmarks.markdown.table`."""
    shown = RichTable(title=table.title or None, title_justify="left", box=None, header_style="bold")
    for place, column in enumerate(table.columns):
        shown.add_column(column, justify="right" if place else "left", overflow="fold")
    for row in table.rows:
        shown.add_row(*(Text(cell.replace("`", ""), style=MET_STYLE.get(cell, "")) for cell in row))
    return shown
