"""The command: tables, JSON, page, pictures, and messages for bad input."""

import json
import re
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from rewardctl.cli import main
from tests.simulate.test_read import record, write


def simulate(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["simulate", *arguments])


@pytest.fixture
def run(tmp_path: Path) -> str:
    lines = [record(f"{prompt}{n}", 0.7 if n == 0 else 0.0) for prompt in "abc" for n in range(4)]
    return str(write(tmp_path / "run.jsonl", *lines))


def test_tables_fit_80_columns(run: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    done = simulate(run, "--truth", "metadata.is_correct", "--seeds", "2", "--steps", "3")
    assert done.exit_code == 0, done.output
    assert "perfect" in done.output
    assert "neutral (0.5)" in done.output
    assert max(map(len, done.output.splitlines())) <= 80


def test_json_holds_intervals_and_curves(run: str) -> None:
    done = simulate(run, "--truth", "metadata.is_correct", "--seeds", "2", "--steps", "3", "--json")
    perfect = json.loads(done.output)["findings"][0]
    assert (perfect["name"], perfect["start"], perfect["ceiling"]) == ("perfect", 0.25, 1.0)
    assert len(perfect["truth"]) == 4
    assert set(perfect["end"]) == {"mean", "low", "high"}


def test_the_page_runs_no_script_and_escapes_names(tmp_path: Path, run: str) -> None:
    hostile = Path(run).rename(tmp_path / "<script>alert(1)<")
    page, plots = tmp_path / "page.html", tmp_path / "plots"
    done = simulate(str(hostile), "--seeds", "2", "--steps", "2", "-o", str(page), "--svg", str(plots))
    assert done.exit_code == 0, done.output
    text = page.read_text(encoding="utf-8")
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)&lt;" in text
    assert "default-src &#39;none&#39;" in text or "default-src 'none'" in text
    assert text.count("<svg") == len(list(plots.glob("*.svg"))) > 3


def test_the_example_of_the_help_works(tmp_path: Path, run: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (example,) = re.findall(r"^ +rewardctl simulate (.+)$", simulate("--help").output, re.MULTILINE)
    (tmp_path / "runs").mkdir()
    Path(run).rename(tmp_path / "runs" / "first")
    monkeypatch.chdir(tmp_path)
    done = simulate(*example.split(), "--seeds", "2", "--steps", "2")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "simulate.html").is_file()


def test_a_missing_package_is_said_with_a_remedy(run: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "scipy.stats", None)
    done = simulate(run, "--seeds", "2", "--steps", "2")
    assert done.exit_code == 1
    assert "run `make analysis`" in done.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "name a run folder"),
        (
            ("--engine", "trl", "--variant", "nothing"),
            "no variant 'nothing'; name one of math-answer, hackable",
        ),
    ],
)
def test_bad_input_is_one_sentence(arguments: tuple[str, ...], message: str) -> None:
    done = simulate(*arguments)
    assert done.exit_code == 1
    assert message in done.output
    assert "Traceback" not in done.output


def test_groups_of_one_are_refused_with_a_remedy(tmp_path: Path) -> None:
    done = simulate(str(write(tmp_path / "run.jsonl", record("a1", 1.0), record("b1", 0.0))))
    assert done.exit_code == 1
    assert "Score several rollouts of each prompt" in done.output
