"""The help of each command: one sentence, an example that works, exit codes, and 80 columns."""

import re
import shlex
from pathlib import Path
from unittest.mock import ANY

import click
import pytest
from click.testing import CliRunner

from rewardctl.cli import main
from tests.cloud.account import Account

COMMANDS = main.list_commands(click.Context(main))


def help_of(name: str) -> str:
    done = CliRunner().invoke(main, [name, "--help"], prog_name="rewardctl")
    assert done.exit_code == 0
    return done.output


def example_of(name: str) -> list[str]:
    """The arguments of the example in the help, without the program's name."""
    (line,) = re.findall(r"Example:\n +(rewardctl .*)\n", help_of(name))
    program, *arguments = shlex.split(line)
    assert program == "rewardctl"
    return arguments


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_has_a_sentence_an_example_and_exit_codes_within_eighty_columns(name: str) -> None:
    text = help_of(name)
    _, summary, *_ = text.split("\n\n")
    assert re.fullmatch(r"[^.]+\.", " ".join(summary.split()).replace("samconfig.toml", "")), summary
    assert re.search(r"Exit codes:\n +0 +\S", text)
    assert max(map(len, text.splitlines())) <= 80
    assert all(re.search(rf" {flag}\b.* \S", text) for flag in re.findall(r"^  (--[a-z-]+)", text, re.M))


@pytest.mark.parametrize("name", COMMANDS)
def test_the_example_in_the_help_is_a_valid_command_line(name: str) -> None:
    first, *arguments = example_of(name)
    command = main.get_command(click.Context(main), first)
    assert (first, command) == (name, ANY)
    assert command is not None
    command.make_context(first, arguments)


@pytest.mark.parametrize("name", ["doctor", "provision", "warm"])
def test_the_example_for_an_account_works(account: Account, name: str) -> None:
    account.log = lambda number: f"REPORT Init Duration: {number + 1}.5 ms"
    done = CliRunner().invoke(main, [*example_of(name), "--yes"])
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("name", ["attack", "check", "explain", "new-check", "run"])
def test_the_example_without_an_account_works(tmp_path: Path, name: str) -> None:
    more = ["--to", str(tmp_path)] if name == "new-check" else []
    done = CliRunner().invoke(main, [*example_of(name), *more])
    if name == "attack":  # its exit code depends on the stand-in's verdicts
        assert " attacks succeed." in done.output
    else:
        assert done.exit_code == 0, done.output
