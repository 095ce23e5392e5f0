"""The page on reports: its commands run, its rules are the code's, its pictures and figures are current."""

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from click.testing import CliRunner

from rewardctl.cli import main
from tests.conftest import ROOT
from tests.docs.markdown import blocks, page, tables

PAGE = page("report.md")
PICTURES = ROOT / "docs" / "report"
DATA = Path(os.environ.get("DATA_DIR") or ROOT.parent / "shared" / "data")
SOLUTIONS = DATA / "gsm8k_rollouts.jsonl"


def run(line: str) -> str:
    """Run a line of the page in the current folder; events are the project's."""
    program, *arguments = line.removeprefix("$ ").split()
    assert program == "rewardctl"
    places = [str(ROOT / word) if word.startswith("events/") else word for word in arguments]
    done = CliRunner().invoke(main, places)
    assert done.exit_code == 0, done.output
    return done.output


def labels(svg: Path) -> list[str]:
    """What a picture says: the names of its marks and its texts, without places, which depend on fonts."""
    root = ElementTree.parse(svg).getroot()  # noqa: S314 - our own picture
    said = [element.get("aria-label") or element.text or "" for element in root.iter()]
    return sorted(filter(None, (text.strip() for text in said)))


def test_the_commands_of_the_page_work_and_the_picture_of_shares_is_current(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for block in blocks(PAGE, "console"):
        for line in block.splitlines():
            run(line)
    assert (tmp_path / "report.html").stat().st_size > 1_000_000
    assert "both.html" in {path.name for path in tmp_path.iterdir()}
    run("$ rewardctl report runs/contract --svg plots")
    assert labels(tmp_path / "plots" / "shares.svg") == labels(PICTURES / "contract" / "shares.svg")


def test_the_page_has_every_finding() -> None:
    sources = (ROOT / "rewardctl" / "report").glob("*rules.py")
    codes = {
        code
        for path in sources
        for code in re.findall(r'Finding\(\s*"(\w+)"', path.read_text(encoding="utf-8"))
    }
    table = next(table for table in tables(PAGE) if table[0][0] == "finding")
    assert {re.sub("`", "", row[0]) for row in table[1:]} == codes
    assert len(codes) == 17


@pytest.mark.data
def test_the_figures_and_pictures_of_real_rollouts_are_current(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not SOLUTIONS.is_file():
        pytest.skip(f"no {SOLUTIONS.name} in DATA_DIR (default: ../shared/data)")
    (script,) = blocks(PAGE, "python gsm8k_rows.py")
    (tmp_path / "gsm8k_rows.py").write_text(script, encoding="utf-8")
    convert, score, report = blocks(PAGE, "console gsm8k")[0].splitlines()
    assert convert == "$ python gsm8k_rows.py gsm8k_rollouts.jsonl > gsm8k.jsonl"
    monkeypatch.chdir(tmp_path)
    with (tmp_path / "gsm8k.jsonl").open("wb") as rows:
        subprocess.run([sys.executable, "gsm8k_rows.py", str(SOLUTIONS)], stdout=rows, check=True, timeout=60)
    run(score)
    printed = " ".join(run(report).split())
    assert " ".join(blocks(PAGE, "text gsm8k")[0].split()) in printed
    for picture in ("rewards", "groups", "length"):
        assert labels(tmp_path / "plots" / f"{picture}.svg") == labels(PICTURES / f"{picture}.svg"), picture
    text = (tmp_path / "runs" / "gsm8k" / "report.html").read_text(encoding="utf-8")
    for figure in ("0.364", "r = -0.220, +0.016 within groups", "+0.318 within groups"):
        assert figure in text, figure
        assert all(part.removeprefix("r = ") in PAGE for part in figure.split(" within")[0].split(", ")), (
            figure
        )
