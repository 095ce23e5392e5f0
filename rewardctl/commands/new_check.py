"""`rewardctl new-check`: write a custom check with a passing and a failing case."""

from pathlib import Path

import click

from reward_fn import checks
from reward_fn.checks.own.folders import is_name
from rewardctl.local.paths import PROJECT
from rewardctl.own_check_files import files_of_new_check


@click.command(name="new-check")
@click.argument("name")
@click.option(
    "--to", "folder", type=click.Path(file_okay=False, path_type=Path), default=PROJECT / "checks",
    help="Folder of your checks.  [default: checks/ of this project, which is deployed]",
)  # fmt: skip
def command(name: str, folder: Path) -> None:
    """Write a custom check with a passing and a failing case.

    A definition uses it as check = "NAME". The check runs in the function's process, without a sandbox.
    Existing files are never overwritten. docs/checks.md is the guide.

    \b
    Example:
      rewardctl new-check names_source

    \b
    Exit codes:
      0  the files were written
      1  a file exists already
      2  NAME can't be used
    """
    if not is_name(name):
        raise click.BadParameter(
            f"{name!r} is not a lower-case Python name; use one such as unit_tests", param_hint="NAME"
        )
    if name in checks.available():
        raise click.BadParameter(
            f"{name!r} is the name of a shipped check; choose another", param_hint="NAME"
        )
    files = files_of_new_check(name)
    if taken := [place for place in files if (folder / place).exists()]:
        raise click.ClickException(
            f"{folder / taken[0]} exists already; choose another name, or move the file"
        )
    for place, text in files.items():
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        click.echo(f"wrote {path}")
    click.echo(f'Use it in a definition: check = "{name}". docs/checks.md says how to deploy it.')
    if folder.resolve() == (PROJECT / "checks").resolve():
        click.echo("Run its cases: make test PYTEST_ARGS=tests/unit/checks/own")
