"""`rewardctl local`: run the function in a container, with `sam local invoke` or `start-lambda`."""

import json
import os
import signal
from pathlib import Path

import click
from rich.console import Console

from rewardctl.commands.run import definition_option, event_option
from rewardctl.local.container import RUNTIMES
from rewardctl.local.container_session import run_in_container, serve_in_containers
from rewardctl.local.environment import FUNCTION_NAME, REGION, ignored_settings
from rewardctl.local.errors import LocalError
from rewardctl.local.inputs import judges_elsewhere, read_event, resolve_definition
from rewardctl.local.paths import shown
from rewardctl.local.report import explain, log_file, show_run, write_results
from rewardctl.local.sam import FUNCTION

ARN = f"arn:aws:lambda:{REGION}:123456789012:function:{FUNCTION_NAME}"


@click.command()
@event_option
@definition_option
@click.option(
    "--runtime", type=click.Choice(RUNTIMES),
    help="Lambda runtime of the container.  [default: the newest with a local base image, else pulled]",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print only the results, as JSON.")
@click.option(
    "--serve", is_flag=True, help="Serve Lambda's Invoke for boto3 until Ctrl-C, instead of scoring an event."
)
@click.option(
    "--port", type=click.IntRange(0, 65_535), default=0, help="Port of --serve; 0 takes a free one."
)
def command(
    event: Path, definition: str, runtime: str | None, *, as_json: bool, serve: bool, port: int
) -> None:
    """Score an event with the function in a container and show the rewards.

    The command builds function and layer with sam and starts a stand-in for Bedrock that the container can
    reach. It needs a container engine and the Lambda base image of the runtime, but no AWS account.

    \b
    Example:
      rewardctl local --event events/reasoning.json --definition reasoning

    \b
    Exit codes:
      0  the function answered
      1  it did not, or could not be started
    """
    aside = Console(stderr=True, highlight=False, soft_wrap=True)

    def say(line: str) -> None:
        aside.print(line, style="dim", markup=False)

    for line in ignored_settings(os.environ):
        aside.print(line, style="yellow", markup=False)
    name = "start-lambda" if serve else f"local-{event.stem}"
    log = log_file(name)
    try:
        chosen = resolve_definition(definition)
        if serve:
            variables = {FUNCTION: {"REWARD_DEFINITION": chosen}}
            with serve_in_containers(variables, runtime, log, say, port) as served:
                _tell(served.url, log)
                _wait()
            return
        run = run_in_container(read_event(event), chosen, runtime, log, say)
    except LocalError as error:
        explain(error, aside, log)
        raise SystemExit(1) from error
    elsewhere = judges_elsewhere(chosen, os.environ.get("JUDGE_MODEL", ""))
    place = write_results(name, run.results)
    if as_json:
        click.echo(json.dumps(run.results, ensure_ascii=False, indent=2))
    else:
        show_run(run, Console(highlight=False), place, log, elsewhere)


def _tell(url: str, log: Path) -> None:
    click.echo(f"Lambda's Invoke, with an offline judge:\n\n  export AWS_ENDPOINT_URL_LAMBDA={url}\n")
    click.echo(f"Function: {ARN}\nLog: {shown(log)}\nCtrl-C stops it.")


def _wait() -> None:
    """Return after Ctrl-C; SIGTERM and SIGHUP end the process."""
    try:
        signal.pause()
    except KeyboardInterrupt:
        click.echo("stopping", err=True)
