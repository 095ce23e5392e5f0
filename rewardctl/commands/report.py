"""`rewardctl report`: figures of scored rollouts, whether they are healthy, and a page to read them."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

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
@click.option(
    "--svg", "svg_folder", metavar="FOLDER", type=click.Path(file_okay=False, path_type=Path),
    help="Write the plots as SVG files too.",
)  # fmt: skip
@click.option("--title", default="Report on rewards", show_default=True, help="Heading of the page.")
@click.option("--json", "as_json", is_flag=True, help="Print all figures as JSON, and write no page.")
def command(
    runs: tuple[Path, ...],
    output: Path | None,
    definition: str | None,
    svg_folder: Path | None,
    title: str,
    *,
    as_json: bool,
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
        with console.status("reading the records"):
            measured = _measured(runs, definition)
        if as_json:
            click.echo(_as_json(measured))
            return
        place = output or _beside(runs[0])
        with console.status("writing the page"):
            size = _write(measured, title, place, svg_folder)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] not in ANALYSIS:
            raise
        _stop(console, "A report needs the analysis packages: run `make analysis`.", error)
    except ReportError as error:
        _stop(console, str(error), error)
    except OSError as error:
        _stop(console, f"The page can't be written: {error}; name another place with -o.", error)
    except KeyboardInterrupt as error:
        _stop(console, "stopped; no page was written", error, exit_code=130)
    _show(measured, place, size, Console(highlight=False))


class ReportError(Exception):
    """A run can't be reported on. The message names the place and the remedy."""


def _measured(runs: "Sequence[Path]", definition: str | None) -> "list[Measured]":
    from rewardctl.report.build import measure_runs
    from rewardctl.report.source import SourceError

    try:
        return measure_runs(runs, definition)
    except SourceError as error:
        raise ReportError(str(error)) from error


def _as_json(runs: "Sequence[Measured]") -> str:
    from rewardctl.report.build import as_json

    return json.dumps(as_json(runs), indent=2, allow_nan=False)


def _write(runs: "Sequence[Measured]", title: str, place: Path, svg_folder: Path | None) -> int:
    """Write the page, and the plots if a folder is named; returns the page's bytes. Raises OSError."""
    from rewardctl.report.build import build_page
    from rewardctl.report.plots import plots_of
    from rewardctl.report.svg import write_svgs

    # Only a lone surrogate of an id has no UTF-8.
    content = build_page(runs, title).encode("utf-8", errors="replace")
    write_whole(place, content)
    if svg_folder is not None:
        write_svgs(plots_of([run.figures for run in runs]), svg_folder)
    return len(content)


def _stop(console: Console, message: str, cause: BaseException, *, exit_code: int = 1) -> NoReturn:
    console.print(message, style="bold red", markup=False)
    raise SystemExit(exit_code) from cause


def _beside(run: Path) -> Path:
    return (run if run.is_dir() else run.parent) / "report.html"


def _show(runs: "Sequence[Measured]", place: Path, size: int, console: Console) -> None:
    for run in runs:
        if len(runs) > 1:
            console.print(run.source.name, style="bold", markup=False)
        for sentence in (run.health.is_healthy, run.health.why, run.health.do):
            console.print(sentence, markup=False)
    console.print(f"Page: {place} ({size / 1e6:.1f} MB)", markup=False, soft_wrap=True)
