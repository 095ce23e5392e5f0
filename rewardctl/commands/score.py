"""`rewardctl score`: rewards for a whole data set, kept in a run folder that can be continued."""

import json
import os
import sys
from pathlib import Path
from typing import Any, NoReturn

import click

from rewardctl.cloud.console import aside
from rewardctl.judges.options import FiniteRange, judge_options

EXIT_UNSCORED = 3
EXIT_INTERRUPTED = 130


@click.command()
@click.argument("data")
@click.option(
    "--definition", default="contract-review", show_default=True,
    help="Name of a shipped definition, or path of a .toml file.",
)  # fmt: skip
@judge_options
@click.option(
    "--run", "folder", type=click.Path(path_type=Path),
    help="Run folder, made or continued.  [default: one below runs/ for these data, definition and judge]",
)  # fmt: skip
@click.option(
    "-o", "--out", metavar="FILE", help="Write the results too, as the function returns them; - for stdout."
)
@click.option(
    "--target", metavar="TARGET", default="",
    help="Score through a function: emulated (on this machine), or the ARN of a deployed one.",
)  # fmt: skip
@click.option(
    "--concurrency", type=click.IntRange(1, 1000), default=12, show_default=True,
    help="Invocations at once, with the ARN of a function.",
)  # fmt: skip
@click.option("--workers", type=click.IntRange(1, 1024), help="Judge calls at once.  [default: 64]")
@click.option(
    "--batch", metavar="S3URI", default="",
    help="Judge through Bedrock's batch jobs, at half the price, below s3://BUCKET/PREFIX.",
)  # fmt: skip
@click.option("--batch-role", metavar="ARN", default="", help="Service role of the batch jobs.")
@click.option("--processes", type=click.IntRange(1, 64), default=1, show_default=True)
@click.option(
    "--limit", type=click.IntRange(0), default=0, help="Score only the first LIMIT lines; 0 for all."
)
@click.option(
    "--max-unscored", type=FiniteRange(0, 1), default=0.05, show_default=True,
    help="Exit with 3 if a larger share of the rows has no reward of its own.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def command(data: str, *, max_unscored: float, as_json: bool, **options: Any) -> None:
    """Score DATA and keep every result.

    DATA is a JSON event, JSON Lines (plain or gzipped), a Parquet or Arrow file, a folder of them, or - for
    standard input. Each row may have any form that the function takes.

    The run folder holds results.jsonl (one record a row, with checks and verdicts), verdicts.sqlite and
    run.json. After Ctrl-C or a crash the same command goes on where it stopped, and pays for no verdict
    twice. Before a judge is paid, the command shows calls, tokens and dollars, and asks.

    \b
    Example:
      rewardctl score events/nova_training_math.json --definition math-answer

    \b
    Exit codes:
      0    all rows have a reward of their own, but for --max-unscored
      1    something can't be used, or no was the answer to the question
      2    the options are wrong
      3    more rows than that have none; the others are kept
      4    the cap of --max-usd is reached; what was paid for is kept
      130  stopped by Ctrl-C; what was paid for is kept
    """
    if as_json and options["out"] == "-":
        raise click.UsageError("--json and -o - both write to standard output: name a file for -o")
    console = aside()
    try:
        summary = _score(data, max_unscored, options)
        if as_json:
            click.echo(json.dumps(summary, indent=2))
        else:
            from rewardctl.engine.summary import show

            show(summary, console)
    except KeyboardInterrupt:
        console.print("Stopped; the same command goes on.", style="yellow")
        _leave(EXIT_INTERRUPTED)
    if summary["unscored_share"] > max_unscored:
        _leave(EXIT_UNSCORED)


def _score(data: str, max_unscored: float, options: dict[str, Any]) -> dict[str, Any]:
    """Score, and return the summary; ends the program with the exit code of a run that stopped early."""
    from rewardctl.engine.request import RunRequest, Stopped
    from rewardctl.engine.run import score_run
    from rewardctl.engine.summary import summary_of

    console = aside()
    try:
        return summary_of(score_run(RunRequest(data=data, **options), console), max_unscored)
    except Stopped as stopped:
        console.print(str(stopped), style="bold red" if stopped.is_error else "yellow", markup=False)
        _leave(stopped.exit_code)


def _leave(code: int) -> NoReturn:
    """End the program; after Ctrl-C without waiting for judge calls in flight."""
    sys.stdout.flush()
    sys.stderr.flush()
    if code == EXIT_INTERRUPTED:
        os._exit(code)
    raise SystemExit(code)
