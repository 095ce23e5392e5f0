"""`rewardctl new`: begin a definition of one's own, with an event, labels and cases beside it."""

import json
import re
from pathlib import Path

import click

from rewardctl.files import write_whole
from rewardctl.starting_points import NAMES

NAME = re.compile(r"[a-z][a-z0-9-]{0,63}")


@click.command()
@click.argument("name")
@click.option(
    "--from", "starting_point", type=click.Choice(NAMES), default="minimal", show_default=True,
    metavar="POINT", help=f"What to begin from: {', '.join(NAMES)}.",
)  # fmt: skip
@click.option(
    "--to", "folder", type=click.Path(file_okay=False, path_type=Path), default=Path(),
    help="Folder for the files.  [default: the current one]",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the files and the next commands as JSON.")
def command(name: str, starting_point: str, folder: Path, *, as_json: bool) -> None:
    """Begin a definition of your own that is valid at once.

    Beside NAME.toml stand an event to score (NAME.event.json), labels of its rows (NAME.labels.jsonl), and
    cases that must hold (NAME.cases.jsonl). All data in them is invented: replace it by your own. Existing
    files are never overwritten.

    \b
    Example:
      rewardctl new support-replies --from instruction-following

    \b
    Exit codes:
      0  the files were written
      1  a file exists already, or can't be written
      2  NAME can't be used
    """
    from rewardctl.starting_points.files import files_of

    if not NAME.fullmatch(name):
        raise click.BadParameter(
            f"{name!r} can't name a definition; use lower-case letters, digits and dashes: my-task",
            param_hint="NAME",
        )
    if name in NAMES:
        raise click.BadParameter(
            f"{name!r} is the name of a starting point; choose another", param_hint="NAME"
        )
    files = {folder / file: text for file, text in files_of(name, starting_point).items()}
    if taken := [path for path, text in files.items() if path.exists() and not _is_shared(path, name, text)]:
        raise click.ClickException(
            f"{taken[0]} exists already; choose another name, or another folder with --to"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in files.items():
            write_whole(path, text.encode())
    except OSError as error:
        raise click.ClickException(f"{error.filename} can't be written: {error.strerror}") from error
    _show(list(files), _next(name, folder), as_json=as_json)


def _is_shared(path: Path, name: str, text: str) -> bool:
    """Whether an existing file with this text is one that several definitions may name, such as a schema."""
    return not path.name.startswith(f"{name}.") and path.read_bytes() == text.encode()


def _next(name: str, folder: Path) -> list[str]:
    """The next three commands: check it, see what it pays, label rows of one's own."""
    place = folder / name if folder != Path() else Path(name)
    definition = f"{place}.toml" if folder != Path() else f"./{name}.toml"
    event = f"{place}.event.json"
    return [
        f"rewardctl check {definition} --data {event}",
        f"rewardctl run --event {event} --definition {definition}",
        f"rewardctl label {event} --definition {definition} --out {place}.labels.jsonl",
    ]


def _show(paths: list[Path], commands: list[str], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"files": list(map(str, paths)), "next": commands}, indent=2))
        return
    for path in paths:
        click.echo(f"wrote {path}")
    click.echo("Next: check it and its cases, see what it pays, label its rows.")
    for line in commands:
        click.echo(f"  {line}")
