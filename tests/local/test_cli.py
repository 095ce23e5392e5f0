"""The command line: every module of commands is a subcommand, and the help agrees with the programs."""

import pkgutil

from click.testing import CliRunner

from rewardctl import commands
from rewardctl.cli import main
from rewardctl.commands.run import DEFAULT_EVENT, command


def test_every_module_of_commands_is_a_subcommand() -> None:
    shown = CliRunner().invoke(main, ["--help"]).output
    names = [module.name.replace("_", "-") for module in pkgutil.iter_modules(commands.__path__)]
    assert "run" in names
    assert [name for name in names if f"\n  {name} " not in shown] == []


def test_an_unknown_subcommand_is_an_error() -> None:
    done = CliRunner().invoke(main, ["nope"])
    assert done.exit_code == 2
    assert "No such command 'nope'" in done.output


def test_the_default_event_is_there_and_named_in_the_help() -> None:
    assert DEFAULT_EVENT.is_file()
    assert "events/contract_review_batch.json" in CliRunner().invoke(command, ["--help"]).output
