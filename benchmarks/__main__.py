"""``python -m benchmarks``: measure, show, and write RESULTS.md."""

import json
import os
from pathlib import Path

import click
from rich.console import Console

RESULTS = Path(__file__).resolve().parent / "RESULTS.md"
NAMES = (
    *("wall", "cpu", "math", "faults", "pacing", "outages", "tokens", "checks", "values"),
    *("score", "report", "cold"),
)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--only", type=click.Choice(NAMES), multiple=True, help="Only this section; may be repeated.")
@click.option("--quick", is_flag=True, help="Fewer rounds, for a first look.")
@click.option("--tiny", is_flag=True, hidden=True)  # what the tests run
@click.option("--json", "as_json", is_flag=True, help="Print every timing as JSON, and no tables.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the results here. Default: benchmarks/RESULTS.md, for a full run of all sections only.",
)
def main(only: tuple[str, ...], quick: bool, tiny: bool, as_json: bool, output: Path | None) -> None:
    """Measure speed, cost and correctness against named baselines, in about half an hour.

    The machine should be idle. Exits with 1 if a measurement is invalid, not if a goal is missed.
    """
    os.environ["BOTO_DISABLE_CRT"] = "true"  # before botocore is imported, which reads it then
    from benchmarks import machine, markdown, suite, terminal
    from benchmarks.results import BenchmarkError
    from benchmarks.size import FULL, QUICK, TINY
    from rewardctl.emulate import EmulatorError

    size = TINY if tiny else QUICK if quick else FULL
    names = [name for name in NAMES if name in (only or NAMES)]
    described = machine.describe()
    try:
        sections = suite.run(size, names, Console(stderr=True))
    except (BenchmarkError, EmulatorError) as error:
        raise click.ClickException(str(error)) from error
    path = output or (RESULTS if size is FULL and len(names) == len(NAMES) else None)
    if path:
        path.write_text(markdown.document(size.name, described, sections.values()), encoding="utf-8")
    if as_json:
        click.echo(json.dumps(suite.as_json(size, described, sections), indent=2))
        return
    console = Console()
    terminal.show(console, described, sections)
    console.print(f"Written to {path}." if path else "RESULTS.md is unchanged: only a full run writes it.")


if __name__ == "__main__":
    main()
