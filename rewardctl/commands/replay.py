"""`rewardctl replay`: stored rollouts and verdicts scored anew under a changed definition."""

import json
from pathlib import Path
from typing import Any

import click

from rewardctl.cloud.console import aside
from rewardctl.judges.options import JUDGE_HELP, payment_options


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--definition", required=True, help="Name of a shipped definition, or path of a .toml file.")
@click.option("--judge", metavar="JUDGE", help=f"{JUDGE_HELP}  [default: the run's own]")
@payment_options
@click.option(
    "--was", metavar="FILE", help="The definition as it was when RUN was scored, if RUN are traces."
)
@click.option("--no-calls", is_flag=True, help="End with 1 if a judge would have to be called.")
@click.option(
    "--run", "folder", type=click.Path(path_type=Path),
    help="Run folder, made or continued.  [default: one below runs/ for these data, definition and judge]",
)  # fmt: skip
@click.option("--limit", type=click.IntRange(0), default=0, help="Only the first LIMIT records; 0 for all.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def command(run: Path, *, was: str | None, judge: str | None, as_json: bool, **options: Any) -> None:
    """Score the rollouts of RUN anew, with its verdicts.

    RUN is a run folder, a file of records, or a folder of traces. Checks, weights and the formula are those
    of the definition that you name. A rollout's verdicts are kept if the judge would be asked the same; a
    criterion that was dropped, or whose weight changed, costs nothing. Where a question is new, the command
    shows how many calls it takes and what they cost, and asks. The result is a run folder, which `rewardctl
    diff` compares with RUN.

    \b
    Example:
      rewardctl replay runs/monday --definition contract-review --no-calls

    \b
    Exit codes:
      0    all rollouts are scored
      1    something can't be used, no was the answer, or --no-calls forbids it
      2    the options are wrong
      4    the cap of --max-usd is reached; what was paid for is kept
      130  stopped by Ctrl-C; what was paid for is kept
    """
    from reward_fn.errors import RewardFunctionError
    from rewardctl.engine.leave import leave
    from rewardctl.engine.request import RunRequest, Stopped
    from rewardctl.engine.run import score_run
    from rewardctl.engine.summary import show, summary_of
    from rewardctl.judges.choice import JudgeChoiceError
    from rewardctl.replay.source import open_run, stored_verdicts
    from rewardctl.runs import RunError
    from rewardctl.runs.records import RecordsError

    console = aside()
    try:
        source = open_run(run)
        stored = stored_verdicts(source, was)
        request = RunRequest(data=str(run), judge=judge or source.judge, stored=stored, **options)
        summary = summary_of(score_run(request, console), max_unscored=1.0)
    except (JudgeChoiceError, RecordsError, RewardFunctionError, RunError) as error:
        console.print(str(error), style="bold red", markup=False)
        raise SystemExit(1) from error
    except Stopped as stopped:
        console.print(str(stopped), style="bold red" if stopped.is_error else "yellow", markup=False)
        leave(stopped.exit_code)
    if as_json:
        click.echo(json.dumps(summary, indent=2))
    else:
        show(summary, console)
