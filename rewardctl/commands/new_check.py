"""`rewardctl new-check`: write a check of one's own with a passing and a failing case."""

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
    help="Folder of your checks.  [default: checks/ of this project, which is built into the artifact]",
)  # fmt: skip
def command(name: str, folder: Path) -> None:
    """Write a commented check NAME, with a case that passes and one that fails.

    A definition names it like any check: check = "NAME". It runs in the function's own process: it is your
    code, without a sandbox. Nothing that exists is overwritten. docs/checks.md is the guide.
    """
    if not is_name(name):
        raise click.BadParameter(
            f"{name!r}: use a lower-case Python name, such as unit_tests", param_hint="NAME"
        )
    if name in checks.available():
        raise click.BadParameter(f"{name!r} is a check that ships; choose another", param_hint="NAME")
    files = files_of_new_check(name)
    if taken := [place for place in files if (folder / place).exists()]:
        raise click.ClickException(f"{folder / taken[0]} exists already; choose another name, or move it")
    for place, text in files.items():
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        click.echo(f"wrote {path}")
    click.echo(f'Name it in a definition: check = "{name}". docs/checks.md says how it ships.')
    if folder.resolve() == (PROJECT / "checks").resolve():
        click.echo("Try its cases: make test PYTEST_ARGS=tests/unit/checks/own")
