"""`rewardctl provision`: set the provisioned concurrency of an alias for a job."""

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
from rewardctl.cloud.stacks import clients_and_target


@click.command()
@click.option(
    "--count", type=click.IntRange(0), required=True, help="Environments to keep warm; 0 removes all."
)
@click.option("--target", help="ARN of an alias, instead of the environment's stack.")
@click.option(
    "--recipe-limit", type=click.IntRange(0), default=RECIPE_LIMIT, show_default=True,
    help="The recipe's lambda_concurrency_limit, which reserved concurrency must leave free for $LATEST.",
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
    """Keep a number of environments of the alias warm, for money, until they are removed.

    The command shows the cost an hour, asks, and waits until all are ready. It refuses a number that the
    account or the function's reserved concurrency can't provide. A later deployment may reset the number to
    the template's.

    \b
    Example:
      rewardctl provision --count 100

    \b
    Exit codes:
      0    all environments are ready, or all were removed
      1    an error, or not confirmed
      130  stopped by Ctrl-C
    """
    console = aside()
    with errors_as_lines(console):
        clients, alias = clients_and_target(target, environment, "AliasArn", profile=profile, region=region)
        if not count:
            console.print(f"{alias.arn}: removed {unprovision(clients, alias)} provisioned environments.")
            return
        request = plan(clients, alias, count, recipe_limit=recipe_limit)
        console.print(
            f"{alias.arn}: {request.now} environments provisioned now, {count} requested.", markup=False
        )
        console.print(request.cost, markup=False)
        if not agreed("Keep them warm and pay until `make unprovision`?", yes=yes):
            raise SystemExit(1)
        ready = provision(clients, request, lambda line: console.print(line, style="dim", markup=False))
        console.print(f"{ready} environments are ready. After the job: make unprovision", markup=False)
