"""What the cloud's commands share at the command line: options, questions, and errors as lines."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click
from rich.console import Console

from rewardctl.cloud.errors import CloudError


def aside() -> Console:
    """Where progress and questions go, so that standard output stays for what was asked."""
    return Console(stderr=True, highlight=False, soft_wrap=True)


def account_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--profile and --region, for where boto3's own environment is not enough."""
    command = click.option("--region", help="Instead of AWS_REGION and the profile's.")(command)
    return click.option("--profile", help="Instead of AWS_PROFILE.")(command)


yes_option = click.option("--yes", is_flag=True, help="Do not ask.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON.")
environment_option = click.option(
    "--environment", default="default", show_default=True,
    help="Section of samconfig.toml whose stack is meant.",
)  # fmt: skip


@contextmanager
def errors_as_lines(console: Console) -> Iterator[None]:
    """Prints a CloudError with its remedy and ends with status 1; Ctrl-C ends with 130."""
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
    """Whether the person at the keyboard agrees; `yes` answers for them. Without one, it is a no."""
    if yes:
        return True
    try:
        return click.confirm(question, default=False, err=True)
    except click.Abort:
        click.echo("Nobody answered: give --yes to go on without being asked.", err=True)
        return False
