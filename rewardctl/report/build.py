"""From paths of runs to figures, and from there to the page. The only module here that reads runs twice."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from rewardctl.explain.explain import explain
from rewardctl.report.choice import choose, groups_of, page_rows
from rewardctl.report.columns import Columns
from rewardctl.report.compare import Comparison, compare
from rewardctl.report.figures import Figures
from rewardctl.report.health import Health, health_of
from rewardctl.report.measure import About, measure
from rewardctl.report.page import RunView, render
from rewardctl.report.plots import plots_of
from rewardctl.report.source import Source, SourceError, about, open_sources
from rewardctl.report.texts import TEXT_BYTES, read_texts
from rewardctl.report.vega import vega_bundle


@dataclass(frozen=True)
class Measured:
    """A run after the first pass over its records."""

    source: Source
    columns: Columns
    about: About
    figures: Figures
    health: Health


def measure_runs(paths: Sequence[Path], definition: str | None = None) -> list[Measured]:
    """Read each run once and return its figures.

    Raises SourceError if one can't be read or holds no record.
    """
    return [_measure(source, definition) for source in open_sources(paths)]


def _measure(source: Source, definition: str | None) -> Measured:
    # A run that cost nothing had a judge without a price, so its tokens have none either.
    columns = Columns.read(source.records(), priced=not source.is_free)
    first = next(source.records(), None)
    if first is None:
        raise SourceError(f"{source.path} holds no records; score some rollouts first")
    known = about(source, columns, first, definition)
    figures = measure(columns, known)
    return Measured(source, columns, known, figures, health_of(figures))


def comparisons_of(runs: Sequence[Measured]) -> list[Comparison]:
    """Compare each further run with the first."""
    return compare([run.source.name for run in runs], [run.columns for run in runs])


def build_page(runs: Sequence[Measured], title: str) -> str:
    """Read the texts in a second pass and return the page."""
    comparisons = comparisons_of(runs)
    changed: list[list[int]] = [[] for _ in runs]
    for number, comparison in enumerate(comparisons, 1):
        changed[0] += [pair.first_row for pair in comparison.largest]
        changed[number] += [pair.second_row for pair in comparison.largest]
    views = [_view(run, rows, TEXT_BYTES // len(runs)) for run, rows in zip(runs, changed, strict=True)]
    made_at = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    plots = plots_of([run.figures for run in runs])
    return render(title, made_at, views, plots, comparisons, vega_bundle())


def _view(run: Measured, changed: Sequence[int], room: int) -> RunView:
    lists = choose(run.columns)
    if changed:
        lists["changed most"] = list(dict.fromkeys(changed))
    chosen = list(dict.fromkeys(row for rows in lists.values() for row in rows))
    members = groups_of(run.columns, chosen)
    explain_one = partial(explain, definition=run.about.definition)
    rows = page_rows(run.columns, chosen)
    texts = read_texts(run.source.records(), run.columns.group, chosen, members, explain_one, room, rows)
    return RunView(run.figures, run.health, run.columns, lists, texts, rows)


def as_json(runs: Sequence[Measured]) -> dict[str, Any]:
    """Return all figures for machines: runs with their health, and comparisons with the first run."""
    return {
        "runs": [{**asdict(run.figures), "health": asdict(run.health)} for run in runs],
        "comparisons": [asdict(comparison) for comparison in comparisons_of(runs)],
    }
