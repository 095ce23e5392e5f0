"""The page on changing a definition: its commands run, and print what it shows."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from rewardctl.cli import main
from rewardctl.commands.diff import command as diff
from rewardctl.commands.replay import command as replay
from tests.conftest import ROOT
from tests.docs.markdown import blocks, page

PAGE = page("compare.md")
SHIPPED = ROOT / "reward_fn" / "rewards" / "rag-faithfulness.toml"


def run(line: str) -> Result:
    program, *words = shlex.split(line.removeprefix("$ "))
    assert program == "rewardctl"
    return CliRunner(env={"COLUMNS": "80"}, mix_stderr=False).invoke(main, words)


def plain(text: str) -> str:
    """Without white space at the ends of lines, and without versions."""
    lines = "".join(f"{line.rstrip()}\n" for line in text.splitlines())
    return re.sub(r"\b[0-9a-f]{12}\b", "VERSION", lines)


@pytest.fixture(autouse=True)
def _in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "events").symlink_to(ROOT / "events")
    text = SHIPPED.read_text()
    text = re.sub(r'(name = "Borne_Out"(?s:.*?)weight = )1\.2', r"\g<1>0.2", text)
    text = re.sub(r'(name = "Question_Met"(?s:.*?)weight = )1\.0', r"\g<1>2.0", text)
    (tmp_path / "mine.toml").write_text(text)


def test_the_commands_of_the_page_print_what_it_shows() -> None:
    (block,) = blocks(PAGE, "console")
    score, again, compared = block.splitlines()
    assert [run(line).exit_code for line in (score, again)] == [0, 0]
    done = run(compared)
    assert done.exit_code == 1
    (shown,) = blocks(PAGE, "text diff")
    assert plain(done.stdout).startswith(plain(shown))
    (alone,) = re.findall(r"`(rewardctl diff runs/monday --definition \S+)`", PAGE)
    figures = [plain(output).partition("\nrollouts ")[2] for output in (run(alone).stdout, done.stdout)]
    assert figures[0] == figures[1] != ""


def test_the_examples_of_the_helps_work() -> None:
    score = run("rewardctl score events/contract_review_batch.json --run runs/monday")
    assert score.exit_code == 0, score.stderr
    for command in (replay, diff):
        found = re.search(r"Example:\n +(rewardctl .*?)\n\n", str(command.help), re.DOTALL)
        assert found
        done = run(found[1])
        assert done.exit_code == 0, done.stderr


@pytest.mark.data
def test_real_rollouts_give_what_the_page_shows(data_dir: Path) -> None:
    (code,) = blocks(page("report.md"), "python gsm8k_rows.py")
    solutions = str((data_dir / "gsm8k_rollouts.jsonl").resolve())
    rows = subprocess.run(
        [sys.executable, "-c", code, solutions], capture_output=True, timeout=60, check=True
    )
    Path("gsm8k.jsonl").write_bytes(rows.stdout)
    (definition,) = blocks(PAGE, "toml short.toml")
    Path("short.toml").write_text(definition)
    (block,) = blocks(PAGE, "console gsm8k")
    score, compared = block.splitlines()
    assert run(score).exit_code == 0
    done = run(compared)
    assert done.exit_code == 0, done.stdout
    (shown,) = blocks(PAGE, "text gsm8k")
    assert plain(done.stdout).startswith(plain(shown))
