"""The page on labels: its picture is current, its lines are labels, its keys are the screen's."""

import re
import shlex
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from rewardctl.cli import main
from rewardctl.labels.file import read_labels
from rewardctl.labels.imports import TOOLS
from rewardctl.labels.sampling import WAYS
from rewardctl.labels.screen import ACTION_KEYS
from tests.conftest import ROOT
from tests.docs.markdown import blocks, keys, page, sections, tables

PAGE = page("label.md")
SECTIONS = sections(PAGE)
COMMANDS = [line for info in ("sh", "sh picture") for line in "".join(blocks(PAGE, info)).splitlines()]


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_of_the_page_is_a_valid_command_line(line: str) -> None:
    program, name, *arguments = shlex.split(line)
    command = main.get_command(click.Context(main), name)
    assert (program, name) == ("rewardctl", "label")
    assert command is not None
    command.make_context(name, arguments)


def test_the_picture_is_what_its_command_draws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a change of the screen, run the command of the page again."""
    monkeypatch.chdir(ROOT)
    (line,) = blocks(PAGE, "sh picture")
    drawn = tmp_path / "label.svg"
    arguments = shlex.split(line.replace("docs/label.svg", str(drawn)))[1:]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output
    assert drawn.read_text(encoding="utf-8") == (ROOT / "docs" / "label.svg").read_text(encoding="utf-8")


def test_the_lines_of_the_page_are_labels_with_every_key_of_its_table(tmp_path: Path) -> None:
    path = tmp_path / "labels"
    path.write_text("".join(blocks(PAGE, "json labels")), encoding="utf-8")
    assert len(read_labels(path).labels) == 4
    (table,) = tables(SECTIONS["The file"])
    assert set(keys(table)) == set(re.findall(r'"([a-z]+)":', path.read_text(encoding="utf-8")))


def test_the_tables_have_every_way_of_sampling_and_every_tool() -> None:
    (ways,) = tables(SECTIONS["Which rollouts"])
    (tools,) = tables(SECTIONS["Labels from other tools"])
    assert sorted(keys(ways)) == sorted(WAYS)
    assert sorted(keys(tools)) == sorted(TOOLS)


def test_the_table_of_keys_has_the_keys_of_the_screen() -> None:
    (table,) = tables(SECTIONS["On the screen"])
    on_screen = {part.split()[0] for part in re.split(r"\s{2,}", ACTION_KEYS)}
    assert set(keys(table)) == on_screen | {"y", "n", "c", "x", "0", "1", "9"}
