"""`rewardctl provision`: keep environments of the alias warm around a job."""

import click

from rewardctl.cloud.concurrency import RECIPE_LIMIT
from rewardctl.cloud.console import (
    account_options,
    agreed,
    aside,
    environment_option,
    errors_as_lines,
    yes_option,
)
from rewardctl.cloud.provisioning import plan, provision, unprovision
from rewardctl.cloud.stacks import chosen


@click.command()
@click.option("--count", type=click.IntRange(0), required=True, help="Environments; 0 takes all off.")
@click.option("--target", help="ARN of an alias, instead of the environment's stack.")
@click.option(
    "--recipe-limit", type=click.IntRange(0), default=RECIPE_LIMIT, show_default=True,
    help="The recipe's lambda_concurrency_limit, which reserved concurrency must leave to $LATEST.",
)  # fmt: skip
@environment_option
@account_options
@yes_option
def command(
    count: int,
    target: str | None,
    recipe_limit: int,
    environment: str,
    profile: str | None,
    region: str | None,
    *,
    yes: bool,
) -> None:
    """Keep COUNT environments of the alias warm, or none. Costs money for as long as it stands.

    Shows what it costs an hour, asks, and waits until all are ready. Refuses what the account or the
    function's reserved concurrency has no room for. A deployment in between may set what the template says.
    """
    console = aside()
    with errors_as_lines(console):
        clients, alias = chosen(target, environment, "AliasArn", profile=profile, region=region)
        if not count:
            console.print(f"{alias.arn}: {unprovision(clients, alias)} provisioned environments taken off.")
            return
        ordered = plan(clients, alias, count, recipe_limit=recipe_limit)
        console.print(f"{alias.arn}: {ordered.now} provisioned now, {count} wanted.", markup=False)
        console.print(ordered.cost, markup=False)
        if not agreed("Keep them warm, and pay for it until `make unprovision`?", yes=yes):
            raise SystemExit(1)
        ready = provision(clients, ordered, lambda line: console.print(line, style="dim", markup=False))
        console.print(f"{ready} environments are ready. After the job: make unprovision", markup=False)
