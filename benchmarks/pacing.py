"""The pacing matrix: time and completeness of batches under different throttling."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from benchmarks.pacing_cells import SLOWER, Cell
from benchmarks.pacing_jobs import Job, Shape
from benchmarks.pacing_regimes import LATENCY_S, Regime, regimes
from benchmarks.pacing_runs import run_all
from benchmarks.pacing_sides import ADAPTIVE, FIRST_WAIT_S, LONGEST_WAIT_S, OURS, PLAIN, SIDES
from benchmarks.results import Goal, Section, Table
from benchmarks.size import Size
from benchmarks.timing import Tick

LEAST_SERVED = 0.95
"""The goal: the share of a common quota that is used for served calls."""
PATIENCE_S = 55.0
"""With more seconds for a batch, only the regimes run whose calls can reach the deadline."""


def measure(size: Size, tick: Tick) -> Section:
    """Measure the matrix; runs that mostly wait are measured in parallel."""
    cells = run_matrix(size, tick)
    shared = [cell for cell in cells if cell.regime.quota_per_s]
    return Section(
        title="Pacing: calls that are throttled, by three sides",
        how=_how(size),
        goals=(*_goals(cells), *_served_goals(shared)),
        tables=[_table(time_s, cells) for time_s in size.pacing_times_s],
        notes=_losses(cells),
        data={f"{cell.regime.name}, {cell.time_s:g} s": _data(cell) for cell in cells},
    )


def run_matrix(size: Size, tick: Tick) -> list[Cell]:
    """All cells. Exact ones run alone, then all others; beside them the shared quotas, one by one."""
    rows = [(regime, time_s) for regime in regimes(size) for time_s in _times(regime, size)]
    jobs: dict[str, dict[tuple[str, float, str], Job]] = {"exact": {}, "waiting": {}, "shared": {}}
    for regime, time_s in sorted(rows, key=lambda row: -row[1]):  # the longest first
        kind = "shared" if regime.quota_per_s else "exact" if regime.exact else "waiting"
        for side in SIDES:
            job = Job(regime.name, side, regime.settings, time_s, _shape(regime, time_s))
            jobs[kind][regime.name, time_s, side] = job
    runs = run_all(jobs["exact"], tick, at_once=1)
    with ThreadPoolExecutor(1) as lane:
        shared = lane.submit(run_all, jobs["shared"], lambda _: None, at_once=1)
        runs |= run_all(jobs["waiting"], tick)
        tick("environments that share a quota")
        runs |= shared.result()
    bounds_s = (size.shared_warm_s, size.shared_s)
    return [
        Cell(regime, time_s, {side: runs[regime.name, time_s, side] for side in SIDES}, *bounds_s)
        for regime, time_s in rows
    ]


def _shape(regime: Regime, time_s: float) -> Shape:
    """The number of batches: one if a batch has more than PATIENCE_S, since adaptive mode takes minutes."""
    return replace(regime.shape, rounds=1) if time_s > PATIENCE_S else regime.shape


def _times(regime: Regime, size: Size) -> Sequence[float]:
    """The times for a batch; shared quotas are measured only with the middle one."""
    if regime.quota_per_s:
        return size.pacing_times_s[len(size.pacing_times_s) // 2 :][:1]
    return [time_s for time_s in size.pacing_times_s if time_s <= PATIENCE_S or regime.patient]


def _goals(cells: Sequence[Cell]) -> tuple[Goal, ...]:
    """Goals over all cells: the worst ratio, and the number of lost cells."""
    slow = [cell for cell in cells if "time" in cell.losses]
    fewer = [cell for cell in cells if "unscored" in cell.losses]
    worst = max(cells, key=lambda cell: cell.ratio)
    return (
        Goal(
            "Pacing: total time / the best other's, worst cell",
            f"≤ {SLOWER}",
            worst.ratio,
            SLOWER,
            f"{worst.ratio:.2f} ({worst.regime.name}, {worst.time_s:g} s); {len(slow)} of {len(cells)} above",
        ),
        Goal(
            "Pacing: cells with more unscored than the best other",
            "0",
            len(fewer),
            0,
            f"{len(fewer)} of {len(cells)}",
        ),
    )


def _served_goals(shared: Sequence[Cell]) -> list[Goal]:
    goals = []
    for cell in shared:
        served, quota = cell.served_per_s(OURS), cell.regime.quota_per_s
        least = LEAST_SERVED * quota
        what = f"Pacing, {cell.regime.name}: served"
        goals.append(Goal(what, f"≥ {least:.0f} a second", served, least, f"{served:.1f}", at_most=False))
    return goals


def _table(time_s: float, cells: Sequence[Cell]) -> Table:
    """One row for each regime; each cell holds the three sides."""
    rows = [_row(cell) for cell in cells if cell.time_s == time_s]
    columns = (
        "regime",
        "ours loses",
        "time, times the best other's",
        "total, s",
        "unscored",
        "longest batch, s",
    )
    return Table(
        f"{time_s:g} s for a batch: {' / '.join(SIDES)}",
        (*columns, "served a second", "rejected", "calls"),
        rows,
    )


def _row(cell: Cell) -> tuple[str, ...]:
    def three(texts: Mapping[str, str]) -> str:
        return " / ".join(texts[side] for side in SIDES)

    runs = cell.runs
    return (
        cell.regime.name,
        ", ".join(cell.losses) or "–",
        f"{cell.ratio:.2f}",
        three({side: f"{run.total_s:.1f}" for side, run in runs.items()}),
        three({side: str(run.unscored) for side, run in runs.items()}),
        three({side: f"{run.longest_s:.1f}" for side, run in runs.items()}),
        three({side: f"{cell.served_per_s(side):.1f}" for side in runs}),
        three({side: f"{run.rejected / max(1, run.calls):.0%}" for side, run in runs.items()}),
        three({side: f"{run.calls:,}" for side, run in runs.items()}),
    )


def _losses(cells: Sequence[Cell]) -> list[str]:
    lost = [f"{c.regime.name}, {c.time_s:g} s ({' and '.join(c.losses)})" for c in cells if c.losses]
    return [f"Ours loses in: {'; '.join(lost)}."] if lost else ["Ours loses in no cell."]


def _how(size: Size) -> tuple[str, ...]:
    return (
        f"{OURS}: the reward function, which keeps its state about the judge from batch to batch. {PLAIN}: "
        f"a pool of 64 threads, exponential back-off with full jitter from {FIRST_WAIT_S:g} s up to "
        f"{LONGEST_WAIT_S:g} s until the deadline. {ADAPTIVE}: the same pool with botocore's adaptive retry "
        "mode, attempts unlimited; its retry quota still ends calls, and its waits ignore the deadline.",
        f"All three send the same requests and read the replies by the same rules. {size.pacing_rounds} "
        f"batches of {size.rollouts} follow each other; the judge takes {LATENCY_S:g} s. Each run has its "
        "own processes and stand-in; throttling has the same seed for all sides. Under random throttling one "
        "call may be throttled ten times in a row, so four environments work in parallel there and times "
        "are their mean.",
        "Under a shared quota all environments work for "
        f"{size.shared_s:g} s, and a call takes 0.5 s on average. The calls served a second are counted from "
        f"{size.shared_warm_s:g} s on, and the sides are compared by them instead of by time.",
        "Best other: the fastest other side that leaves no more rollouts unscored than ours; if both leave "
        f"more, the side with fewer. Ours loses on time above {SLOWER} times the best other's, and on "
        "unscored rollouts if it leaves more than either side.",
        f"More than {PATIENCE_S:g} s for a batch is measured only in the two harshest regimes, over one "
        "batch: elsewhere the best side ends well before that, so more time changes nothing.",
    )


def _data(cell: Cell) -> dict[str, Any]:
    return {
        "ratio": cell.ratio,
        "best_other": cell.best_other,
        "losses": list(cell.losses),
        **{
            side: {
                "total_s": run.total_s,
                "unscored": run.unscored,
                "rollouts": run.rollouts,
                "longest_s": run.longest_s,
                "served_per_s": cell.served_per_s(side),
                "rejected": run.rejected,
                "calls": run.calls,
                "outcomes": run.outcomes,
            }
            for side, run in cell.runs.items()
        },
    }
