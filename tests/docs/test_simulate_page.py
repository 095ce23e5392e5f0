"""The page on simulations: its commands run, its figures and pictures are those of real rollouts."""

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from rewardctl.cli import main
from rewardctl.simulate.trainer.rewards import VARIANTS
from tests.conftest import ROOT
from tests.docs.markdown import blocks, page, tables
from tests.docs.test_report_page import labels

PAGE = page("simulate.md")
PICTURES = ROOT / "docs" / "simulate"
SOLUTIONS = Path(os.environ.get("DATA_DIR") or ROOT.parent / "shared" / "data") / "gsm8k_rollouts.jsonl"


def run(line: str) -> str:
    """Run a line of the page in the current folder; events are the project's."""
    program, *arguments = line.removeprefix("$ ").split()
    assert program == "rewardctl"
    places = [str(ROOT / word) if word.startswith("events/") else word for word in arguments]
    done = CliRunner().invoke(main, places)
    assert done.exit_code == 0, done.output
    return done.output


def table(first_cell: str) -> dict[str, list[str]]:
    """The rows of the table that begins with this cell, by their first cell."""
    return {row[0]: row[1:] for row in next(t for t in tables(PAGE) if t[0][0] == first_cell)[1:]}


def test_the_commands_of_the_page_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for line in blocks(PAGE, "console")[0].splitlines():
        run(line)
    assert (tmp_path / "simulate.html").stat().st_size > 10_000


def test_the_page_names_every_variant_of_the_trained_model() -> None:
    assert set(table("reward function")) == set(VARIANTS)


@pytest.mark.slow
def test_the_command_of_a_trainers_calls_works() -> None:
    (line,) = blocks(PAGE, "console calls")[0].splitlines()
    assert "pre-flight" in run(line)


@pytest.mark.data
def test_the_figures_and_pictures_of_real_rollouts_are_current(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not SOLUTIONS.is_file():
        pytest.skip(f"no {SOLUTIONS.name} in DATA_DIR (default: ../shared/data)")
    monkeypatch.chdir(tmp_path)
    (tmp_path / SOLUTIONS.name).symlink_to(SOLUTIONS)
    (line,) = blocks(PAGE, "console gsm8k")[0].splitlines()
    findings = json.loads(run(f"{line} --json"))["findings"]
    ends = {(finding["topic"], finding["name"]): finding["end"]["mean"] for finding in findings}
    for name, (right, _) in table("reward").items():
        assert ends["judge", name] == pytest.approx(float(right), abs=0.001), name
    policies = ("neutral (0.5)", "siblings", "zero", "masked")
    topics = ("provoked, hard", None, "provoked, easy, longest right", "provoked, easy")
    for topic, cells in zip(topics, table("prompts").values(), strict=True):
        for name, cell in zip(policies, cells, strict=True):
            assert topic is None or ends[topic, name] == pytest.approx(float(cell), abs=0.001), (topic, name)
    for picture in ("judge", "provoked-hard", "definition"):
        assert labels(tmp_path / "plots" / f"{picture}.svg") == labels(PICTURES / f"{picture}.svg"), picture
