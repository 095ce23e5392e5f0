"""Cold starts of the built artifact, its size, and the effect of its memory setting."""

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from benchmarks.batch_limits import measure_limits
from benchmarks.cold_sides import (
    DEFINITION,
    Start,
    built_sides,
    first_answer_s,
    initialised_s,
    judge_s,
    without_bytecode,
)
from benchmarks.footprint import zipped
from benchmarks.results import Goal, Section, Table
from benchmarks.size import Size
from benchmarks.timing import Cost, Series, Spread, Tick, ratio, spread
from rewardctl.emulate import Emulator
from rewardctl.local import runtime
from rewardctl.local.environment import function_environment
from rewardctl.local.errors import ArtifactError

TITLE = "Cold start, size and memory"
LIMIT = 1.3
LIMIT_MB = 15.0
OURS, BARE = "the reward function", "a bare boto3 client and one `converse`"
COMPILED, PLAIN = "bytecode compiled", "no bytecode"


def measure(size: Size, tick: Tick) -> Section:
    """Measure the section; parts are skipped if the runtime emulator or containers can't run here."""
    if reason := runtime.why_not():
        return _skipped(f"the runtime emulator can't run: {reason}")
    with tempfile.TemporaryDirectory() as scratch, Emulator() as judge:
        folder = Path(scratch)
        tick("building the artifact")
        try:
            artifact, ours, bare = built_sides(folder / "built")
        except ArtifactError as error:
            return _skipped(f"the artifact can't be built here: {error}")
        judge_takes_s = judge_s(bare, judge.url)
        starts = _starts({OURS: ours, BARE: bare}, size.cold_rounds, judge.url, judge_takes_s, folder, tick)
        plain = without_bytecode(artifact, folder / "plain")
        paths = {COMPILED: (artifact.function, artifact.layer), PLAIN: plain}
        imports = _imports(paths, size.cold_rounds, judge.url, tick)
        parts = {"layer": artifact.layer, "function": artifact.function}
        megabytes = {name: zipped(folder, frozenset()) / 1e6 for name, folder in parts.items()}
    limits = measure_limits(size, tick)
    return Section(
        title=TITLE,
        how=(*_how(size, judge_takes_s), *limits.how),
        goals=_goals(ratio(starts, OURS, BARE, "wall_s"), sum(megabytes.values())),
        tables=(
            _table("Initialisation plus first invocation", starts, BARE),
            _table("Import", imports, COMPILED),
            Table("Zipped", ("part", "MB"), [(name, f"{mb:.2f}") for name, mb in megabytes.items()]),
            *limits.tables,
        ),
        notes=limits.notes,
        skipped=limits.skipped,
        data={
            "first_answer_s": _values(starts),
            "import_s": _values(imports),
            "zipped_mb": megabytes,
            "judge_s": judge_takes_s,
            **limits.data,
        },
    )


def _goals(cold: Spread, total_mb: float) -> tuple[Goal, Goal]:
    return (
        Goal("cold start / bare boto3 handler's", f"≤ {LIMIT:.1f}", cold.median, LIMIT, cold.text(2)),
        Goal("layer + function, zipped", f"≤ {LIMIT_MB:.0f} MB", total_mb, LIMIT_MB, f"{total_mb:.1f} MB"),
    )


def _skipped(reason: str) -> Section:
    return Section(title=TITLE, how=(), skipped=f"cold starts, since {reason}")


def _how(size: Size, judge_takes_s: float) -> tuple[str, ...]:
    return (
        f"The artifact, built for python{sys.version_info.major}.{sys.version_info.minor} as for Lambda, "
        "under the runtime interface emulator: from the first Invoke, at which the emulator starts the "
        f"runtime, to its answer, for one rollout of {DEFINITION}. Against it a handler that holds "
        "`boto3.client` and passes the same request to `converse`, on the same layer, compiled the same "
        f"way. The judge answers at once; its {judge_takes_s * 1000:.1f} ms are subtracted from both. "
        f"A fresh process for each run, the two in turn, {size.cold_rounds} rounds, files cached.",
        "Import: the handler is imported as in Lambda's initialisation, with definition and client, once "
        "with the artifact's bytecode and once without bytecode.",
    )


def _starts(
    sides: Mapping[str, Start], rounds: int, url: str, judge_takes_s: float, folder: Path, tick: Tick
) -> Series:
    """Measure cold starts in turn, after one of each that loads the files into the cache."""
    series: dict[str, dict[int, Cost]] = {name: {} for name in sides}
    for number in range(-1, rounds):
        for name in sides if number % 2 else reversed(list(sides)):
            tick(f"cold start {number + 1} of {rounds}: {name}")
            took_s = first_answer_s(sides[name], url, folder / "function.log") - judge_takes_s
            if number >= 0:
                series[name][number] = Cost(took_s, 0.0)
    return series


def _imports(paths: Mapping[str, tuple[Path, ...]], rounds: int, url: str, tick: Tick) -> Series:
    """Measure imports in the same way."""
    series: dict[str, dict[int, Cost]] = {name: {} for name in paths}
    for number in range(-1, rounds):
        for name, path in paths.items():
            tick(f"import {number + 1} of {rounds}: {name}")
            variables = function_environment(
                definition=DEFINITION, judge_url=url, path=path, timeout_s=60, caller={}
            )
            took_s = initialised_s(path, variables)
            if number >= 0:
                series[name][number] = Cost(took_s, 0.0)
    return series


def _table(title: str, series: Series, base: str) -> Table:
    rows = [
        (name, spread(series, name, "wall_s").text(0, 1000), ratio(series, name, base, "wall_s").text(2))
        for name in series
    ]
    return Table(title, ("side", "ms", f"/ {base}"), rows)


def _values(series: Series) -> dict[str, list[float]]:
    return {name: [cost.wall_s for cost in costs.values()] for name, costs in series.items()}
