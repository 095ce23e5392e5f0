"""The page on other prompts and judges: its commands run, and give the figures that it shows."""

import json
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from rewardctl.cli import main
from rewardctl.commands.generalize import command
from rewardctl.generalize.paraphrase_file import read_paraphrases
from tests.conftest import ROOT
from tests.docs.markdown import blocks, page, sections, tables
from tests.factory import definition

PAGE = page("generalize.md")
(FIGURES,) = (table[1:] for table in tables(sections(PAGE)["Shipped definitions"]))


@pytest.fixture(autouse=True)
def _in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "events").symlink_to(ROOT / "events")


def run(line: str) -> Result:
    program, *words = shlex.split(line.removeprefix("$ "))
    assert program == "rewardctl"
    done = CliRunner(env={"COLUMNS": "80"}, mix_stderr=False).invoke(main, words)
    assert done.exit_code == 0, done.stderr
    return done


def test_the_command_prints_what_the_page_shows() -> None:
    (line,) = blocks(PAGE, "console")
    (shown,) = blocks(PAGE, "text")
    assert [row.rstrip() for row in run(line).stdout.splitlines()] == shown.splitlines()


@pytest.mark.parametrize("row", FIGURES, ids=lambda row: row[0])
def test_a_shipped_definition_has_the_figures_of_the_table(row: list[str]) -> None:
    name, file = (cell.strip("`") for cell in row[:2])
    (template,) = re.findall(r"`(rewardctl generalize events/FILE.*?)`", PAGE.replace("\n", " "))
    value = json.loads(run(f"{template.replace('FILE', file).replace('NAME', name)} --json").stdout)
    *prompts, yes = value["runs"]
    kept = [f"{run['signs_kept']['value']:.1%}" for run in (*prompts, yes)]
    counts = [str(prompts[0]["rollouts"]), str(value["groups"])]
    worst = min(run["signs_kept"]["value"] for run in prompts)
    assert [*counts, f"{worst:.1%}", kept[-1]] == row[2:]


def test_the_table_has_every_shipped_definition_with_a_judge() -> None:
    files = sorted((ROOT / "reward_fn" / "rewards").glob("*.toml"))
    judged = [path.stem for path in files if "[judge]" in path.read_text("utf-8")]
    assert [row[0].strip("`") for row in FIGURES] == judged


def test_the_wordings_of_the_page_fit_the_definition_of_the_readme(tmp_path: Path) -> None:
    (toml,) = blocks((ROOT / "README.md").read_text("utf-8"), "toml definition")
    file = tmp_path / "own.toml"
    file.write_text("".join(blocks(PAGE, "toml paraphrases")))
    assert read_paraphrases(definition(tmp_path, toml), file).count == 2


def test_the_example_of_the_help_works() -> None:
    found = re.search(r"Example:\n +(rewardctl .*?)\n\n", str(command.help), re.DOTALL)
    assert found
    run(found[1])
