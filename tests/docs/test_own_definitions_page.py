"""The page on definitions of one's own: its commands work, its cases hold, its tables are complete."""

import shlex
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from rewardctl.cases.case import KEYS
from rewardctl.cli import main
from rewardctl.starting_points import NAMES
from tests.docs.markdown import blocks, keys, page, sections, tables

PAGE = page("own_definitions.md")
SECTIONS = sections(PAGE)
COMMANDS = "".join(blocks(PAGE, "sh")).splitlines()
PAID = "--judge bedrock"


def test_the_commands_of_the_page_work_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one that costs money is only read."""
    monkeypatch.chdir(tmp_path)
    assert [PAID in line for line in COMMANDS] == [False, False, False, True]
    for line in COMMANDS:
        _, name, *arguments = shlex.split(line)
        if PAID in line:
            command = main.get_command(click.Context(main), name)
            assert command is not None
            command.make_context(name, arguments)
        else:
            done = CliRunner().invoke(main, [name, *arguments])
            assert done.exit_code == 0, done.output


def test_the_files_of_the_page_are_those_that_the_command_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    CliRunner().invoke(main, shlex.split(COMMANDS[0])[1:])
    (files, _) = tables(SECTIONS["Begin"])
    assert sorted(keys(files)) == sorted(path.name for path in tmp_path.iterdir())


def test_every_starting_point_is_on_the_page() -> None:
    (_, points) = tables(SECTIONS["Begin"])
    assert sorted(keys(points)) == sorted(NAMES)


def test_the_cases_of_the_page_hold_for_the_minimal_starting_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    CliRunner().invoke(main, ["new", "mine"])
    (text,) = blocks(PAGE, "json cases minimal")
    Path("page.jsonl").write_text(text.replace("minimal.event.json", "mine.event.json"))
    done = CliRunner().invoke(main, ["check", "./mine.toml", "--cases", "page.jsonl"])
    assert done.exit_code == 0, done.output
    assert "3 of 3 cases of page.jsonl hold." in done.output
    assert "stand-in" not in done.output


def test_every_key_of_a_case_is_on_the_page() -> None:
    (table,) = tables(SECTIONS["Cases: the reward's own tests"])
    assert sorted(keys(table)) == sorted(KEYS)
