"""Options, confirmations and error messages that the commands share."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click
from rich.console import Console

from rewardctl.cloud.errors import CloudError


def aside() -> Console:
    """The console for progress and questions, on standard error; standard output holds results only."""
    return Console(stderr=True, highlight=False, soft_wrap=True)


def account_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --profile and --region."""
    command = click.option("--region", help="AWS region, instead of AWS_REGION or the profile's.")(command)
    return click.option("--profile", help="AWS profile, instead of AWS_PROFILE.")(command)


yes_option = click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
environment_option = click.option(
    "--environment", default="default", show_default=True,
    help="Section of samconfig.toml that names the stack.",
)  # fmt: skip


@contextmanager
def errors_as_lines(console: Console) -> Iterator[None]:
    """Print a CloudError with its remedy and exit with 1; exit with 130 after Ctrl-C."""
    try:
        yield
    except CloudError as error:
        console.print(error.message, style="bold red", markup=False)
        if error.remedy:
            console.print(error.remedy, markup=False)
        raise SystemExit(1) from error
    except KeyboardInterrupt as error:
        console.print("stopped", style="bold red")
        raise SystemExit(130) from error


def agreed(question: str, *, yes: bool) -> bool:
    """Ask for confirmation; `yes` skips the question. Without anybody to answer, return False."""
    if yes:
        return True
    try:
        return click.confirm(question, default=False, err=True)
    except click.Abort:
        click.echo("No answer on standard input; give --yes to go on without a question.", err=True)
        return False
