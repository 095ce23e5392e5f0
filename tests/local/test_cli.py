"""The command line: every module of commands is a subcommand, and the help agrees with the programs."""

import ast
import pkgutil
import subprocess
import sys

import pytest
from click.testing import CliRunner

from rewardctl import commands
from rewardctl.cli import main
from rewardctl.commands.run import DEFAULT_EVENT, command
from rewardctl.local.paths import PROJECT


def test_every_module_of_commands_is_a_subcommand() -> None:
    shown = CliRunner().invoke(main, ["--help"]).output
    names = [module.name.replace("_", "-") for module in pkgutil.iter_modules(commands.__path__)]
    assert "run" in names
    assert [name for name in names if f"\n  {name} " not in shown] == []


def test_the_list_says_what_each_subcommand_does() -> None:
    shown = CliRunner().invoke(main, ["--help"]).output
    assert "Score DATA and keep every result." in shown


HEAVY = ("boto3", "botocore", "aiohttp", "numpy", "scipy", "pyarrow", "textual", "jinja2", "vl_convert")
NEEDS = {"emulate": {"aiohttp"}}
"""What a command needs for its help: its options are those of the server."""


@pytest.mark.parametrize("name", ["", *sorted(m.name for m in pkgutil.iter_modules(commands.__path__))])
def test_help_loads_no_heavy_package(name: str) -> None:
    """A package of these takes 0.1 to 1 s to import."""
    code = f"""
import sys
sys.argv = {["rewardctl", *filter(None, [name.replace("_", "-")]), "--help"]!r}
from rewardctl.cli import main
main(standalone_mode=False)
print([name for name in {HEAVY!r} if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert set(ast.literal_eval(done.stdout.splitlines()[-1])) <= NEEDS.get(name, set())


def test_an_unknown_subcommand_is_an_error() -> None:
    done = CliRunner().invoke(main, ["nope"])
    assert done.exit_code == 2
    assert "No such command 'nope'" in done.output


def test_the_default_event_is_there_and_named_in_the_help() -> None:
    assert DEFAULT_EVENT.is_file()
    assert "events/contract_review_batch.json" in CliRunner().invoke(command, ["--help"]).output
