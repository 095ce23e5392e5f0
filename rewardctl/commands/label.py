"""`rewardctl label`: give human labels to a sample of rollouts, on a screen in the terminal."""

import json
from getpass import getuser
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from rewardctl.cloud.console import aside
from rewardctl.labels.imports import TOOLS
from rewardctl.labels.label import LabelError
from rewardctl.labels.sampling import WAYS
from rewardctl.labels.visible_text import visible


def _login() -> str:
    """The name of the login, "me" where the system knows none."""
    try:
        return getuser()
    except (OSError, KeyError):
        return "me"


FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("data")
@click.option("--definition", required=True, help="Name of a shipped definition, or path of a .toml file.")
@click.option("--out", type=FILE, required=True, help="File of the labels; an existing one is continued.")
@click.option(
    "--labeller", default=_login, help="Your name, as it stands in the labels.  [default: your login]"
)
@click.option(
    "--criterion", "criteria", multiple=True,
    help="Criterion to label; repeat for several.  [default: all]",
)  # fmt: skip
@click.option("--overall", is_flag=True, help="Ask about the whole answer as well.")
@click.option("--sample", type=click.IntRange(1), help="Number of rollouts to label.  [default: all]")
@click.option(
    "--sampling", type=click.Choice(WAYS),
    help="How to choose them; docs/label.md compares the ways.  [default: by the number of runs]",
)  # fmt: skip
@click.option("--run", "runs", multiple=True, help="Run to choose by, at most two. It is never shown.")
@click.option(
    "--labels", multiple=True, type=FILE, help="Labels of other people, for agreement and boundary cases."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the sample and of its order.")
@click.option("--agreement", is_flag=True, help="Only print the agreement of the labels.")
@click.option(
    "--import", "export", type=FILE, help="Export of another tool to add to --out; no screen opens."
)
@click.option("--from", "tool", type=click.Choice(TOOLS), help="The tool that wrote the export.")
@click.option("--picture", type=FILE, help="Only write an SVG picture of the first screen.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(as_json: bool, **options: Any) -> None:
    """Give human labels to a sample of rollouts, on a screen in the terminal.

    The screen shows one question of the definition about one rollout at a time, with what the judge would
    see, and never a verdict of a judge. Each answer is written at once; start the command again to go on. A
    tenth of the rollouts are shown twice, which tells how far you agree with yourself.

    \b
    Example:
      rewardctl label events/reasoning.json --definition reasoning --out ann.jsonl

    \b
    Exit codes:
      0    the screen was left by a key, or the labels were imported or compared
      1    data, labels or options can't be used, or a label can't be written
      130  Ctrl-C; all answers are kept
    """
    from rewardctl.labels.labelling import Options, run

    try:
        outcome = run(Options(**options))
    except LabelError as error:
        aside().print(visible(str(error)), style="bold red", markup=False)
        raise SystemExit(1) from error
    if as_json:
        click.echo(json.dumps(outcome.as_json(), indent=2))
    else:
        outcome.show(Console(highlight=False), aside())
    raise SystemExit(outcome.exit_code)
