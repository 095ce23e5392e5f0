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
from rewardctl.cloud.stacks import clients_and_target
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
    """Start a number of environments of the function with simultaneous calls of an empty batch.

    Use it for callers who take no alias: they land on $LATEST, which can't have provisioned concurrency. No
    judge is called. Lambda may end an idle environment at any time, usually after some minutes, and a
    deployment ends all.

    \b
    Example:
      rewardctl warm --count 12

    \b
    Exit codes:
      0    the calls were answered
      1    an error, or not confirmed
      130  stopped by Ctrl-C
    """
    console = aside()
    with errors_as_lines(console):
        clients, function = clients_and_target(
            target, environment, "FunctionArn", profile=profile, region=region
        )
        console.print(f"{function.arn}: {_cost(clients, function, count)}", markup=False)
        if not agreed("Start them?", yes=yes):
            raise SystemExit(1)
        warmth = warm(clients, function, count, lambda line: console.print(line, style="dim", markup=False))
    if as_json:
        waves = [vars(wave) for wave in warmth.waves]
        click.echo(json.dumps({"wanted": count, "started": warmth.started, "waves": waves}, indent=2))
    else:
        click.echo(outcome_text(warmth))


def _cost(clients: Clients, function: Target, count: int) -> str:
    if loopback_endpoint():
        return f"up to {count * MAX_WAVES} calls on this machine, which cost nothing."
    with explained("reading the function's configuration"):
        configuration = clients("lambda").get_function_configuration(FunctionName=function.arn)
    price = price_of(function.region, configuration.get("Architectures", ["x86_64"])[0])
    usd = price.invocations_usd(count, ASSUMED_START_S, configuration["MemorySize"])
    return (
        f"{count} starts of {configuration['MemorySize']} MB cost about ${usd:.4f} "
        f"at {ASSUMED_START_S:g} s each; no judge is called."
    )


def outcome_text(warmth: Warmth) -> str:
    """The outcome in words, with its consequence."""
    calls = sum(wave.calls for wave in warmth.waves)
    slowest_s = max(wave.longest_init_s for wave in warmth.waves)
    lines = [
        f"{warmth.started} environments were started by {calls} calls in {len(warmth.waves)} waves"
        + (f"; the slowest start took {slowest_s:.2f} s." if warmth.started else ".")
    ]
    if warmth.is_full:
        lines.append(f"At least {warmth.requested} are warm now, for as long as Lambda keeps them.")
    elif not warmth.waves[-1].started:
        lines.append(
            "Warm environments served all calls of the last wave. Their number is unknown: a warm one "
            "answers an empty batch so fast that it may serve two calls."
        )
    else:
        lines.append("Each wave started more environments; run the command again for the rest.")
    lines.append("Start the job soon: an idle environment usually lasts some minutes, without a guarantee.")
    return "\n".join(lines)
