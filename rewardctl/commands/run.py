"""`rewardctl run`: score an event with the function as it is deployed and show the rewards."""

import json
import os
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from rewardctl.judges import STAND_IN, own_definition_words
from rewardctl.judges.options import judge_options
from rewardctl.local.environment import ignored_settings
from rewardctl.local.errors import LocalError
from rewardctl.local.groups import about_in_records
from rewardctl.local.inputs import judges_elsewhere, read_event, resolve_definition
from rewardctl.local.paths import PROJECT
from rewardctl.local.report import explain, log_file, show_results, show_run, write_results
from rewardctl.local.session import Plan, run_event

DEFAULT_EVENT = PROJECT / "events" / "contract_review_batch.json"

event_option = click.option(
    "--event", type=click.Path(path_type=Path), default=DEFAULT_EVENT,
    help="Event that a trainer would send, JSON Lines, or - for stdin.  "
    "[default: events/contract_review_batch.json]",
)  # fmt: skip
definition_option = click.option(
    "--definition", default="contract-review", show_default=True,
    help="Name of a shipped definition, or path of a .toml file.",
)  # fmt: skip


@click.command()
@event_option
@definition_option
@judge_options
@click.option("--json", "as_json", is_flag=True, help="Print only the results, as JSON.")
@click.option(
    "--direct",
    is_flag=True,
    help="Call the function in a plain Python process, without the runtime interface emulator.",
)
def command(event: Path, definition: str, judge: str, *, as_json: bool, direct: bool, **options: Any) -> None:
    """Score an event with the function as it is deployed and show the rewards.

    The command builds the Lambda artifact, runs it under Lambda's runtime interface emulator with a stand-in
    for Bedrock, invokes it once, and stops everything. It needs no AWS account and costs nothing, unless the
    definition names a judge on another server: that one is called. Settings of the function in your
    environment, such as JUDGE_MAX_WORKERS, are passed on.

    With another --judge the same code scores in this process, with your credentials, and the results are
    kept in a run folder below runs/. The command shows the cost and asks before it makes a call.

    \b
    Example:
      rewardctl run --event events/reasoning.json --definition reasoning

    \b
    Exit codes:
      0  the function answered
      1  it did not, could not be started, or no was the answer to the question
      4  the cap of --max-usd is reached; what was paid for is kept
    """
    aside = Console(stderr=True, highlight=False, soft_wrap=True)
    if judge != STAND_IN:
        _run_here(event, definition, judge, aside, as_json=as_json, **options)
        return
    if caution := own_definition_words(definition):
        aside.print(caution, style="yellow", markup=False)
    for line in ignored_settings(os.environ):
        aside.print(line, style="yellow", markup=False)
    try:
        sent_event = read_event(event)
        plan = Plan(resolve_definition(definition), log_file(sent_event.name), direct=direct)
        run = run_event(sent_event, plan, lambda line: aside.print(line, style="dim", markup=False))
    except LocalError as error:
        explain(error, aside, log_file(event.stem))
        raise SystemExit(1) from error
    elsewhere = judges_elsewhere(plan.definition, os.environ.get("JUDGE_MODEL", ""))
    place = write_results(sent_event.name, run.results)
    if as_json:
        click.echo(json.dumps(run.results, ensure_ascii=False, indent=2))
    else:
        show_run(run, Console(highlight=False), place, plan.log, elsewhere)


def _run_here(
    event: Path, definition: str, judge: str, aside: Console, *, as_json: bool, **options: Any
) -> None:
    """Score the event in this process with a judge of the caller's choice, into a run folder."""
    from rewardctl.engine.request import RunRequest, Stopped
    from rewardctl.engine.results import result_of
    from rewardctl.engine.run import score_run
    from rewardctl.engine.summary import show, summary_of
    from rewardctl.runs import read_records

    try:
        run = score_run(RunRequest(data=str(event), definition=definition, judge=judge, **options), aside)
    except Stopped as stopped:
        aside.print(str(stopped), style="bold red" if stopped.is_error else "yellow", markup=False)
        raise SystemExit(stopped.exit_code) from stopped
    records = list(read_records(run.folder))
    results = [result_of(record) for record in records]
    if as_json:
        click.echo(json.dumps(results, ensure_ascii=False, indent=2))
        return
    console = Console(highlight=False)
    show_results(results, about_in_records(records), console)
    show(summary_of(run, max_unscored=1.0), console)
