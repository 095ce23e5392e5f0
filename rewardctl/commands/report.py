"""`rewardctl report`: figures of scored rollouts, whether they are healthy, and a page to read them."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from rewardctl.cloud.console import aside
from rewardctl.files import write_whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rewardctl.report.build import Measured


ANALYSIS = ("numpy", "jinja2", "markupsafe", "vl_convert")
"""The packages of `make analysis` that a report imports."""


@click.command()
@click.argument("runs", nargs=-1, required=True, metavar="RUN [RUN]...", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path),
    help="Page to write.  [default: report.html beside the first run]",
)  # fmt: skip
@click.option("--definition", help="Name or file of the definition that scored the runs, for its weights.")
@click.option("--title", default="Report on rewards", show_default=True, help="Heading of the page.")
@click.option("--json", "as_json", is_flag=True, help="Print all figures as JSON, and write no page.")
def command(
    runs: tuple[Path, ...], output: Path | None, definition: str | None, title: str, *, as_json: bool
) -> None:
    """Say whether scored rollouts are healthy, why, and what to do.

    RUN is a run folder of `rewardctl score`, a JSONL file of its records (.gz too), or a folder of traces.
    Several runs are shown side by side, and compared with the first by the ids of their rollouts.

    The command writes one HTML file that needs no network: rewards, components with their share of the
    advantage, groups, length, failures, cost, and the rollouts worth reading. It holds their texts.

    \b
    Example:
      rewardctl report runs/first runs/second -o report.html

    \b
    Exit codes:
      0    the page is written, or the figures are printed
      1    a run can't be read, or the page can't be written
      130  stopped by Ctrl-C
    """
    console = aside()
    try:
        _report(runs, output, definition, title, console, as_json=as_json)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] not in ANALYSIS:
            raise
        console.print("A report needs the analysis packages: run `make analysis`.", style="bold red")
        raise SystemExit(1) from error
    except KeyboardInterrupt as error:
        console.print("stopped; no page was written", style="bold red")
        raise SystemExit(130) from error


def _report(
    paths: "Sequence[Path]",
    output: Path | None,
    definition: str | None,
    title: str,
    console: Console,
    *,
    as_json: bool,
) -> None:
    from rewardctl.report import build
    from rewardctl.report.source import SourceError

    try:
        measured = build.measure_runs(paths, definition)
        if as_json:
            click.echo(json.dumps(build.as_json(measured), indent=2, allow_nan=False))
            return
        place = output or _beside(paths[0])
        page = build.build_page(measured, title)
        content = page.encode("utf-8", errors="replace")  # only a lone surrogate of an id has no UTF-8
        write_whole(place, content)
    except SourceError as error:
        console.print(str(error), style="bold red", markup=False)
        raise SystemExit(1) from error
    except OSError as error:
        console.print(f"The page can't be written: {error}", style="bold red", markup=False)
        raise SystemExit(1) from error
    _show(measured, place, len(content), Console(highlight=False))


def _beside(run: Path) -> Path:
    return (run if run.is_dir() else run.parent) / "report.html"


def _show(runs: "Sequence[Measured]", place: Path, size: int, console: Console) -> None:
    for run in runs:
        if len(runs) > 1:
            console.print(run.source.name, style="bold", markup=False)
        for sentence in (run.health.is_healthy, run.health.why, run.health.do):
            console.print(sentence, markup=False)
    console.print(f"Page: {place} ({size / 1e6:.1f} MB)", markup=False, soft_wrap=True)
