"""`rewardctl warm`: start environments of $LATEST before a job."""

import json

import click

from rewardctl.cloud.clients import Clients, loopback_endpoint
from rewardctl.cloud.console import (
    account_options,
    agreed,
    aside,
    environment_option,
    errors_as_lines,
    json_option,
    yes_option,
)
from rewardctl.cloud.errors import explained
from rewardctl.cloud.prices import price_of
from rewardctl.cloud.stacks import chosen
from rewardctl.cloud.target import Target
from rewardctl.cloud.warming import MAX_CALLS, MAX_WAVES, Warmth, warm

ASSUMED_START_S = 2.0


@click.command()
@click.option("--count", type=click.IntRange(1, MAX_CALLS), required=True, help="Environments to start.")
@click.option("--target", help="ARN of a function, instead of the environment's stack.")
@environment_option
@account_options
@yes_option
@json_option
def command(
    count: int,
    target: str | None,
    environment: str,
    profile: str | None,
    region: str | None,
    *,
    yes: bool,
    as_json: bool,
) -> None:
    """Start COUNT environments of the function by that many calls at once, each an empty batch.

    For callers who take no alias and land on $LATEST, where there is no provisioned concurrency. No judge is
    called. What it can't promise: Lambda may end an idle environment at any time, usually after some
    minutes, and a later deployment starts anew.
    """
    console = aside()
    with errors_as_lines(console):
        clients, function = chosen(target, environment, "FunctionArn", profile=profile, region=region)
        console.print(f"{function.arn}: {_cost(clients, function, count)}", markup=False)
        if not agreed("Call it?", yes=yes):
            raise SystemExit(1)
        found = warm(clients, function, count, lambda line: console.print(line, style="dim", markup=False))
    if as_json:
        waves = [vars(wave) for wave in found.waves]
        click.echo(json.dumps({"wanted": count, "started": found.started, "waves": waves}, indent=2))
    else:
        click.echo(told(found))


def _cost(clients: Clients, function: Target, count: int) -> str:
    if loopback_endpoint():
        return f"up to {count * MAX_WAVES} calls on this machine, which cost nothing."
    with explained("reading the function's configuration"):
        found = clients("lambda").get_function_configuration(FunctionName=function.arn)
    price = price_of(function.region, found.get("Architectures", ["x86_64"])[0])
    usd = price.invocations_usd(count, ASSUMED_START_S, found["MemorySize"])
    return (
        f"{count} starts of {found['MemorySize']} MB cost about ${usd:.4f} at {ASSUMED_START_S:g} s each; "
        "no judge is called."
    )


def told(found: Warmth) -> str:
    """What happened, and what follows from it, in words."""
    calls = sum(wave.calls for wave in found.waves)
    slowest_s = max(wave.longest_init_s for wave in found.waves)
    lines = [
        f"{found.started} environments were started by {calls} calls in {len(found.waves)} waves"
        + (f"; the slowest start took {slowest_s:.2f} s." if found.started else ".")
    ]
    if found.is_full:
        lines.append(f"At least {found.wanted} are warm now, for as long as Lambda keeps them.")
    elif not found.waves[-1].started:
        lines.append(
            "The last wave found all of its calls served warm. How many environments served them can't be "
            "told: a warm one answers an empty batch so fast that it may take two."
        )
    else:
        lines.append("Each wave started more; run it again for the rest.")
    lines.append("Start the job soon: an idle environment usually lasts some minutes, and none is promised.")
    return "\n".join(lines)
