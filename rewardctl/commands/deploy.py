"""`rewardctl deploy`: show changes and costs, ask for confirmation, deploy, and print the ARNs."""

from collections.abc import Sequence

import click
from rich.console import Console
from rich.table import Table

from rewardctl.cloud import sam
from rewardctl.cloud.changes import Change, discard, execute, read_changes
from rewardctl.cloud.clients import Clients, connect
from rewardctl.cloud.console import (
    account_options,
    agreed,
    aside,
    environment_option,
    errors_as_lines,
    yes_option,
)
from rewardctl.cloud.release_order import Order, cost_and_room, name_is_free, order
from rewardctl.cloud.stacks import assignments, read_environment
from rewardctl.cloud.stored import look_at_stored
from rewardctl.cloud.target import stack_outputs
from rewardctl.local.paths import PROJECT
from rewardctl.release import check_parameters, release_hash

PRODUCTION = "prod"
CALLERS = {
    "FunctionArn": "the SageMaker SDKs (RLVRTrainer, amzn-nova-forge), which refuse an alias",
    "AliasArn": "recipes and Bedrock; it has the provisioned concurrency",
}


@click.command()
@environment_option
@click.option(
    "--set", "settings", multiple=True, metavar="NAME=VALUE",
    help="A template parameter that overrides samconfig.toml; may be repeated.",
)  # fmt: skip
@account_options
@yes_option
def command(
    environment: str, settings: tuple[str, ...], profile: str | None, region: str | None, *, yes: bool
) -> None:
    """Build and deploy an environment of samconfig.toml.

    The command checks names and parameters first. Then it shows each resource that will change, the cost an
    hour, and whether the account has enough concurrency, and asks before it changes anything.

    \b
    Example:
      rewardctl deploy --environment staging --set JudgeModel=medium

    \b
    Exit codes:
      0    deployed, or nothing to change
      1    an error, or not confirmed
      130  stopped by Ctrl-C
    """
    console = aside()
    with errors_as_lines(console):
        section = read_environment(environment)
        clients = connect(profile, region or section.region)
        where = clients("cloudformation").meta.region_name
        ordered = order(
            section, assignments(settings), PROJECT,
            region=where, check=check_parameters, hash_of=release_hash,
        )  # fmt: skip
        if unseen := look_at_stored(ordered.effective, profile, where):
            console.print(unseen, style="yellow", markup=False)
        name_is_free(clients, ordered)
        cost, room = cost_and_room(clients, ordered, where)
        sam.build(ordered, sam.run_aloud, needs_bytecode=environment == PRODUCTION)
        own = [*(["--profile", profile] if profile else []), "--region", where]
        change_set = sam.make_change_set(ordered, sam.run_aloud, own)
        if change_set:
            _confirm_and_execute(clients, ordered, change_set, [cost, room], yes=yes)
        else:
            console.print(f"{section.stack} is up to date: nothing changes.")
        show_outputs(clients, section.stack, Console(highlight=False, soft_wrap=True))


def _confirm_and_execute(
    clients: Clients, ordered: Order, change_set: str, notes: Sequence[str], *, yes: bool
) -> None:
    console, stack = aside(), ordered.environment.stack
    console.print(f"\n{stack} in {clients('cloudformation').meta.region_name}:", markup=False)
    console.print(change_table(read_changes(clients, change_set)))
    for note in notes:
        console.print(note, markup=False)
    if not agreed("Deploy?", yes=yes):
        discard(clients, change_set, stack)
        console.print("Nothing was changed.")
        raise SystemExit(1)
    execute(clients, change_set, stack, lambda line: console.print(line, style="dim", markup=False))


def change_table(changes: Sequence[Change]) -> Table:
    """One row for each resource; removed and replaced ones are highlighted."""
    table = Table(box=None, pad_edge=False)
    for title in ("action", "resource", "type", "replaced"):
        table.add_column(title)
    for each in changes:
        risky = each.action == "Remove" or each.replacement in ("True", "Conditional")
        replaced = {"True": "yes", "Conditional": "perhaps"}.get(each.replacement, "")
        table.add_row(each.action, each.resource, each.kind, replaced, style="yellow" if risky else "")
    return table


def show_outputs(clients: Clients, stack: str, console: Console) -> None:
    """Print both ARNs, each with its callers."""
    outputs = stack_outputs(clients, stack)
    for name, callers in CALLERS.items():
        if name in outputs:
            console.print(f"{name}: {outputs[name]}", markup=False)
            console.print(f"  for {callers}", markup=False)
