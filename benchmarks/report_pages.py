"""`rewardctl report`: the size of a page, the time to make it, and the time until a browser shows a plot."""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.results import Goal, Section, Table
from benchmarks.size import Size
from benchmarks.timing import Spread, Tick

PROJECT = Path(__file__).resolve().parent.parent
MB = 1_000_000
LIMITS_MB = {2_640: 5.0, 100_000: 15.0}
"""The goals: megabytes of a page by its number of rollouts."""
FIRST_PLOT_S = 2.0
GROUP, RESPONSE_WORDS = 8, 120
WORDS = ("liability", "the", "party", "shall", "notice", "within", "days", "contract", "of", "under")
COMPONENTS = ("correct", "complete", "grounded", "clear", "short", "polite")
CHILD = """
import resource, sys
from click.testing import CliRunner
from rewardctl.commands.report import command
done = CliRunner().invoke(command, sys.argv[1:])
assert done.exit_code == 0, done.output
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def measure(size: Size, tick: Tick) -> Section:
    """Make a page of each size, and open it."""
    rows: list[tuple[str, ...]] = []
    goals: list[Goal] = []
    data: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        _page(folder, 8)  # the plots' code is made once, and kept
        for count in size.report_rows:
            tick(f"{count:,} rollouts")
            wall_s, rss_mb, page = _page(folder, count)
            megabytes = page.stat().st_size / MB
            plots = _first_plots_s(page, size.report_opens)
            rows.append((f"{count:,}", *_cells(megabytes, wall_s, rss_mb, plots)))
            goals += _goals(count, megabytes, plots)
            data[str(count)] = {"mb": megabytes, "wall_s": wall_s, "rss_mb": rss_mb, "first_plot_s": plots}
    columns = ("rollouts", "page, MB", "made in, s", "memory, MB", "first plot after, s")
    return Section(
        title="Reports: size and speed of the page",
        how=(
            f"Synthetic records in groups of {GROUP}, with {len(COMPONENTS)} components, four verdicts and "
            f"{RESPONSE_WORDS} words of response. `rewardctl report` runs in its own process; Chromium opens "
            "the page from the disk, without a network. The first plot is timed from the start of the load.",
        ),
        goals=goals,
        tables=(Table("", columns, rows),),
        notes=() if shutil.which("chromium") else ("No plot was timed: Chromium is not installed.",),
        data=data,
    )


def _cells(megabytes: float, wall_s: float, rss_mb: float, plots: list[float]) -> tuple[str, ...]:
    shown = Spread.of(plots).text(2) if plots else "not measured"
    return f"{megabytes:.1f}", f"{wall_s:.1f}", f"{rss_mb:.0f}", shown


def _goals(count: int, megabytes: float, plots: list[float]) -> Iterator[Goal]:
    if limit := LIMITS_MB.get(count):
        what = f"Report on {count:,} rollouts: size of the page"
        yield Goal(what, f"≤ {limit:g} MB", megabytes, limit, f"{megabytes:.1f} MB")
    if plots:
        spread = Spread.of(plots)
        what = f"Report on {count:,} rollouts: first plot after"
        yield Goal(what, f"< {FIRST_PLOT_S:g} s", spread.median, FIRST_PLOT_S, f"{spread.text(2)} s")


def _page(folder: Path, count: int) -> tuple[float, float, Path]:
    """Return the seconds of the command, its peak memory in MB, and the page."""
    records, page = folder / f"{count}.jsonl", folder / f"{count}.html"
    with records.open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(record) + "\n" for record in synthetic(count))
    started_s = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(records), "-o", str(page)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    unit = 1 if sys.platform == "darwin" else 1024
    return time.perf_counter() - started_s, int(done.stdout) * unit / MB, page


def _first_plots_s(page: Path, opens: int) -> list[float]:
    """Return the seconds until the first plot, once for each time the page is opened; [] without Chromium."""
    program = shutil.which("chromium")
    if program is None:
        return []
    from playwright.sync_api import sync_playwright

    seconds = []
    with sync_playwright() as playwright:
        for _ in range(opens):
            browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
            tab = browser.new_context(offline=True).new_page()
            tab.goto(page.as_uri())
            tab.wait_for_selector("html[data-first-plot-ms]")
            seconds.append(float(tab.evaluate("document.documentElement.dataset.firstPlotMs")) / 1000)
            browser.close()
    return seconds


def synthetic(count: int) -> Iterator[dict[str, Any]]:
    """Yield records in the form of a trace, the same each time."""
    random = Random(7)
    for number in range(count):
        scores = {name: round(random.random(), 3) for name in COMPONENTS}
        text = " ".join(random.choices(WORDS, k=random.randint(RESPONSE_WORDS // 2, 3 * RESPONSE_WORDS // 2)))
        prompt = f"Contract {number // GROUP}: review it for the customer, and name each clause at fault."
        yield {
            "trace": 1,
            "definition": "synthetic",
            "definition_version": "1",
            "definition_sha256": "0",
            "id": f"rollout-{number:06d}",
            "line": number + 1,
            "index": number % 64,
            "group": f"{number // GROUP:064x}",
            "reward": sum(scores.values()) / len(scores),
            "gate": "",
            "imputed": False,
            "reasons": [],
            "votes": [],
            "metrics": [{"name": name, "value": value, "type": "Reward"} for name, value in scores.items()],
            "checks": {
                name: {"score": value, "detail": "", "unscored": None} for name, value in scores.items()
            },
            "verdicts": [_verdict(name, scores[name], text) for name in COMPONENTS[:4]],
            "calls": [_call(random)],
            "row": {"messages": [_turn("user", prompt), _turn("assistant", text)], "reference_answer": None},
        }


def _turn(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}


def _verdict(criterion: str, score: float, text: str) -> dict[str, Any]:
    answer = "yes" if score > 0.5 else "no"
    worth = float(score > 0.5)
    quote = {"evidence": text[:80], "unsupported": False}
    return {"criterion": criterion, "item": None, "answer": answer, "worth": worth, **quote}


def _call(random: Random) -> dict[str, Any]:
    tokens = {"input_tokens": 2_000, "output_tokens": 200, "cache_read_tokens": 0, "cache_write_tokens": 0}
    latency_s = round(random.lognormvariate(0.0, 0.5), 3)
    return {"model": "medium", "shared_by": 1, "latency_s": latency_s, "failure": None, **tokens}
