"""The command line. Each module of `rewardctl.commands` is a subcommand."""

import ast
import importlib
import pkgutil
from pathlib import Path

import click

from rewardctl import commands


class Commands(click.Group):
    """A group that imports a subcommand only when it is called.

    The list of subcommands takes their first sentences from the source, since importing all takes a second.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The names of all subcommands, in alphabetical order."""
        return sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(commands.__path__))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The subcommand of that name, or None."""
        if cmd_name not in self.list_commands(ctx):
            return None
        module = importlib.import_module(f"{commands.__name__}.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the names of all subcommands, each with its first sentence."""
        names = self.list_commands(ctx)
        width = formatter.width - 6 - max(map(len, names))
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, click.Command(name, help=_help(name)).get_short_help_str(width)) for name in names]
            )


def _help(name: str) -> str:
    """The docstring of a subcommand's function."""
    path = Path(commands.__path__[0]) / f"{name.replace('-', '_')}.py"
    for node in ast.parse(path.read_bytes()).body:
        if isinstance(node, ast.FunctionDef) and node.name == "command":
            return ast.get_docstring(node) or ""
    return ""


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Write, try and deploy reward functions for Amazon Nova."""
