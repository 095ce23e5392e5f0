"""Progress of a run on standard error: rows, rate, judge calls, cost so far, time left."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from rewardctl.local.progress import ticking
from rewardctl.runs.folder import RunFolder
from rewardctl.runs.verdicts import RunVerdicts

TERMINAL_EVERY_S = 0.5


@contextmanager
def showing(console: Console, run: RunFolder, total: int, store: RunVerdicts) -> Iterator[None]:
    """Show progress while the block runs: one line that is rewritten on a terminal, else a line at times."""
    start_s, at_start = time.monotonic(), run.progress.rows

    def detail() -> str:
        return progress_words(run.progress.rows, at_start, total, time.monotonic() - start_s, store)

    if not console.is_terminal:
        with ticking(lambda line: console.print(line, style="dim", markup=False), detail):
            yield
        return
    with (
        console.status("scoring") as status,
        ticking(
            lambda line: status.update(line.strip()),
            detail,
            first_after_s=TERMINAL_EVERY_S,
            every_s=TERMINAL_EVERY_S,
        ),
    ):
        yield


def progress_words(rows: int, at_start: int, total: int, elapsed_s: float, store: RunVerdicts) -> str:
    """How far a run is. The time left is known once rows were scored."""
    rate = (rows - at_start) / elapsed_s if elapsed_s > 0 else 0.0
    words = [f"{rows:,} of {total:,} rows"]
    if rate:
        words += [f"{rate:,.0f} rows/s", f"{duration((total - rows) / rate)} left"]
    spent = store.spent()
    if spent.calls:
        words.append(f"{spent.calls:,} judge calls, ${spent.usd:.4f}")
    return ", ".join(words)


def duration(seconds: float) -> str:
    """Seconds as ``45 s``, ``12 min`` or ``3.5 h``."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
