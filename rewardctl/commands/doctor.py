"""`rewardctl doctor`: check that a training job will get its rewards from a deployed function."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from rewardctl.cloud.clients import loopback_endpoint
from rewardctl.cloud.concurrency import RECIPE_LIMIT
from rewardctl.cloud.console import (
    account_options,
    agreed,
    aside,
    environment_option,
    errors_as_lines,
    json_option,
    yes_option,
)
from rewardctl.cloud.doctor.exam import (
    Exam,
    free_findings,
    paid_findings,
    probe_for,
    quota_findings,
    read_function,
)
from rewardctl.cloud.doctor.finding import Finding
from rewardctl.cloud.doctor.limits import Job
from rewardctl.cloud.stacks import clients_and_target

STYLES = {"ok": "green", "warning": "yellow", "failed": "bold red", "can't tell": "dim"}


@click.command()
@click.option("--target", help="ARN of a function or alias, instead of the environment's stack.")
@click.option("--definition", help="Definition in use.  [default: the function's REWARD_DEFINITION]")
@click.option(
    "--event", type=click.Path(path_type=Path),
    help="File with two rows, the good answer first; required unless the definition is a shipped one.",
)  # fmt: skip
@click.option("--principal", help="ARN of the trainer's role, whose permission is then checked.")
@click.option(
    "--concurrency-limit", type=click.IntRange(1), default=RECIPE_LIMIT, show_default=True,
    help="The recipe's lambda_concurrency_limit.",
)  # fmt: skip
@click.option(
    "--batch-size",
    type=click.IntRange(1),
    default=64,
    show_default=True,
    help="The recipe's lambda_batch_size.",
)
@environment_option
@account_options
@yes_option
@json_option
def command(
    target: str | None,
    definition: str | None,
    event: Path | None,
    principal: str | None,
    concurrency_limit: int,
    batch_size: int,
    environment: str,
    profile: str | None,
    region: str | None,
    *,
    yes: bool,
    as_json: bool,
) -> None:
    """Check a deployed function: names, permissions, settings, quotas, payload size and two judged rollouts.

    Each line says ok, warning, failed or can't tell, and what to do. The judged rollouts cost some judge
    calls; the command says how many and asks first. If AWS_ENDPOINT_URL_LAMBDA is a loopback address, only
    the rollouts are checked.

    \b
    Example:
      rewardctl doctor --principal arn:aws:iam::123456789012:role/trainer

    \b
    Exit codes:
      0    no check failed
      1    a check failed, or the function can't be read
      130  stopped by Ctrl-C
    """
    console = aside()
    with errors_as_lines(console):
        clients, what = clients_and_target(target, environment, "AliasArn", profile=profile, region=region)
        job = Job(concurrency_limit, batch_size)
        exam = Exam(what, job, definition, event, principal, on_loopback=bool(loopback_endpoint()))
        deployed = read_function(exam, clients)
        probe = probe_for(exam, deployed)
        findings = list(free_findings(exam, clients, deployed, probe))
        if agreed(f"The judged rollouts cost {probe.price}. Go on?", yes=yes or not probe.judge_calls):
            findings += paid_findings(exam, clients, deployed, probe)
        else:
            findings.append(Finding("judged rollout", "can't tell", "not tried, as you chose"))
            findings += quota_findings(exam, clients, deployed, probe, None)
    if as_json:
        click.echo(json.dumps([asdict(each) for each in findings], ensure_ascii=False, indent=2))
    else:
        show(findings, Console(highlight=False))
    if any(each.state == "failed" for each in findings):
        raise SystemExit(1)


def show(findings: Sequence[Finding], console: Console) -> None:
    """Print one row for each finding with its remedy below, and the count of each state."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for each in findings:
        # Messages of AWS and texts of definitions may hold brackets, which rich would read as markup.
        table.add_row(f"[{STYLES[each.state]}]{each.state}[/]", each.check, each.seen.replace("[", r"\["))
        if each.remedy:
            table.add_row("", "", "→ " + each.remedy.replace("[", r"\["))
    console.print(table)
    counts = [(state, sum(each.state == state for each in findings)) for state in STYLES]
    console.print(", ".join(f"{count} {state}" for state, count in counts if count))
