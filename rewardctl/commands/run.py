"""`rewardctl run`: score an event with the function as it is deployed and show the rewards."""

import json
import os
from pathlib import Path

import click
from rich.console import Console

from rewardctl.local.environment import ignored_settings
from rewardctl.local.errors import LocalError
from rewardctl.local.inputs import judges_elsewhere, read_event, resolve_definition
from rewardctl.local.paths import PROJECT
from rewardctl.local.report import explain, log_file, show_run, write_results
from rewardctl.local.session import Plan, run_event

DEFAULT_EVENT = PROJECT / "events" / "contract_review_batch.json"

event_option = click.option(
    "--event", type=click.Path(path_type=Path), default=DEFAULT_EVENT,
    help="File with the event that a trainer would send.  [default: events/contract_review_batch.json]",
)  # fmt: skip
definition_option = click.option(
    "--definition", default="contract-review", show_default=True,
    help="Name of a shipped definition, or path of a .toml file.",
)  # fmt: skip


@click.command()
@event_option
@definition_option
@click.option("--json", "as_json", is_flag=True, help="Print only the results, as JSON.")
@click.option(
    "--direct",
    is_flag=True,
    help="Call the function in a plain Python process, without the runtime interface emulator.",
)
def command(event: Path, definition: str, *, as_json: bool, direct: bool) -> None:
    """Score an event with the function as it is deployed and show the rewards.

    The command builds the Lambda artifact, runs it under Lambda's runtime interface emulator with a stand-in
    for Bedrock, invokes it once, and stops everything. It needs no AWS account and costs nothing, unless the
    definition names a judge on another server: that one is called. Settings of the function in your
    environment, such as JUDGE_MAX_WORKERS, are passed on.

    \b
    Example:
      rewardctl run --event events/reasoning.json --definition reasoning

    \b
    Exit codes:
      0  the function answered
      1  it did not, or could not be started
    """
    aside = Console(stderr=True, highlight=False, soft_wrap=True)
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
