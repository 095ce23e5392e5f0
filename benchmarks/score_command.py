"""``rewardctl score`` from JSON Lines to JSON Lines: beside bare ``score_batch``, in processes, in memory,
and with a slow judge."""

import json
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from rich.console import Console

from benchmarks.math_answers import FILE, data_dir, read_solutions
from benchmarks.results import Goal, Section, Table
from benchmarks.score_memory import peak_mb
from benchmarks.score_slow_judge import LATENCY_S, WORKERS, measure_slow_judge
from benchmarks.size import Size
from benchmarks.solutions import Row
from benchmarks.timing import Series, Side, Tick, as_json, interleave, ratio, spread
from reward_fn.deadline import Deadline
from reward_fn.definition.load import load_definition
from reward_fn.pipeline import Scorer, score_batch
from rewardctl.engine.place import ROWS_OF_CHECKS
from rewardctl.engine.request import RunRequest
from rewardctl.engine.run import score_run

TITLE = "`rewardctl score`: from JSON Lines to JSON Lines"
DEFINITION = "math-answer"
BARE = "bare `score_batch` on rows in memory"
ONE = "`score`, one process"
TWO = "`score`, two processes"
BUDGET_S = 600.0


def measure(size: Size, tick: Tick) -> Section:
    """Measure on GSM8K rows, repeated with new ids."""
    path = data_dir() / FILE
    if not path.is_file():
        return Section(TITLE, [], skipped=f"`score`, since {FILE} is not in DATA_DIR")
    solutions = [row for row, _ in read_solutions(path)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        series = _speeds(solutions, size, folder, tick)
        few, many = size.score_memory_rows
        peaks = [_peak(solutions, rows, folder, tick) for rows in (few, many)]
        slow = measure_slow_judge(solutions, size, folder, tick)
    alone = ratio(series, BARE, ONE, "wall_s")
    halved = ratio(series, ONE, TWO, "wall_s")
    growth = peaks[1] - peaks[0]
    waits = ratio(slow, "`score`", "bare pool", "wall_s")
    return Section(
        title=TITLE,
        how=_how(size),
        goals=(
            Goal(
                "score from JSONL to JSONL / bare score_batch, rows a second",
                *("≥ 0.8", alone.median, 0.8, alone.text()),
                at_most=False,
            ),
            Goal(
                "score, two processes / one, rows a second",
                *("≥ 1.5", halved.median, 1.5, halved.text()),
                at_most=False,
            ),
            Goal(
                f"score, growth of memory from {few:,} to {many:,} rows",
                *("≤ 50 MB", growth, 50.0, f"{growth:.1f} MB"),
            ),
            Goal(
                f"score with a judge of {LATENCY_S:g} s and {WORKERS} workers / a bare pool, wall time",
                *("≤ 1.05", waits.median, 1.05, waits.text()),
            ),
        ),
        tables=(_table(series, size),),
        notes=(
            f"Peak memory of the command: {peaks[0]:.0f} MB at {few:,} rows, {peaks[1]:.0f} MB at {many:,}.",
        ),
        data={
            "speeds": as_json(series),
            "rows": size.score_rows,
            "peak_mb": dict(zip(map(str, size.score_memory_rows), peaks, strict=True)),
            "slow_judge": as_json(slow),
        },
    )


def quiet() -> Console:
    """A console that shows nothing."""
    return Console(quiet=True)


def write_rows(path: Path, rows: Iterable[Row]) -> Path:
    """The rows as JSON Lines."""
    with path.open("w", encoding="ascii") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    return path


def repeated(solutions: list[Row], count: int) -> Iterable[Row]:
    """``count`` rows with different ids."""
    return ({**solutions[number % len(solutions)], "id": str(number)} for number in range(count))


def _speeds(solutions: list[Row], size: Size, folder: Path, tick: Tick) -> Series:
    rows = list(repeated(solutions, size.score_rows))
    data = write_rows(folder / "speed.jsonl", rows)
    definition = load_definition(DEFINITION)
    runs = iter(range(1_000))

    def bare() -> None:
        for start in range(0, len(rows), ROWS_OF_CHECKS):
            score_batch(rows[start : start + ROWS_OF_CHECKS], Scorer(definition), Deadline.after(BUDGET_S))

    def command(processes: int) -> Callable[[], object]:
        def run() -> object:
            run_folder = folder / f"speed-{next(runs)}"
            return score_run(
                RunRequest(str(data), DEFINITION, folder=run_folder, processes=processes), quiet()
            )

        return run

    sides = [Side(BARE, bare), Side(ONE, command(1)), Side(TWO, command(2))]
    return interleave(sides, size.score_rounds, tick)


def _peak(solutions: list[Row], rows: int, folder: Path, tick: Tick) -> float:
    tick(f"memory, {rows:,} rows")
    data = write_rows(folder / f"memory-{rows}.jsonl", repeated(solutions, rows))
    return peak_mb(["score", str(data), "--definition", DEFINITION, "--run", str(folder / f"memory-{rows}")])


def _table(series: Series, size: Size) -> Table:
    rows = [
        (name, spread(series, name, "wall_s").text(2), f"{size.score_rows / time.median:,.0f}")
        for name in series
        for time in [spread(series, name, "wall_s")]
    ]
    return Table(f"{size.score_rows:,} rows, {DEFINITION}", ("side", "wall time, s", "rows a second"), rows)


def _how(size: Size) -> tuple[str, ...]:
    return (
        f"The solutions of `{FILE}`, repeated with new ids to {size.score_rows:,} rows, are scored by "
        f"`{DEFINITION}`, which has no judge. The command reads the file three times (to count its lines, to "
        "hash it, to score it) and keeps a record of each row, all ids in SQLite and `run.json`. All is "
        f"timed. The baseline scores rows that are in memory already, in batches of {ROWS_OF_CHECKS}, and "
        "keeps nothing. It also examines the texts of each batch for CloudWatch's metrics, which the command "
        "leaves out.",
        "Memory is the highest resident set of the command in a process of its own (`VmHWM`).",
        f"The slow judge sleeps {LATENCY_S:g} s in this process and says yes. It answers "
        f"{size.score_calls:,} rows through {WORKERS} workers; the baseline sleeps as often in a "
        "`ThreadPoolExecutor` of as many threads.",
    )
