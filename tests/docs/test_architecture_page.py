"""docs/architecture.md: its links name what exists, and each of its diffs applies and does what it says."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.docs.markdown import blocks, page, sections, tables
from tests.unit.test_architecture import ORDER

PAGE = page("architecture.md")
NAMES = re.findall(r"\[`(\w+)`\]\(\.\./(\w[\w/]*\.py)\)", PAGE)
ADDITIONS = {heading: text for heading, text in sections(PAGE).items() if heading.startswith("To add ")}
COPIED = ("reward_fn", "rewardctl", "tests", "docs", "events", "pyproject.toml", "README.md")
"""What the tests of an addition read."""
LOAD = "from reward_fn.definition.load import load_definition; load_definition('./shown.toml')"


def diff_of(heading: str) -> tuple[str, str]:
    """The name and the text of the one diff in a section."""
    ((name, text),) = re.findall(r"^```diff (\w+)\n(.*?)^```$", ADDITIONS[heading], re.MULTILINE | re.DOTALL)
    return name, text


def line(heading: str, label: str) -> str:
    """What a section says after ``label``, on a line of its own."""
    (found,) = re.findall(rf"^{label}: `?([^`\n]+)`?$", ADDITIONS[heading], re.MULTILINE)
    return str(found)


@pytest.mark.parametrize(("name", "file"), NAMES)
def test_a_name_of_the_page_is_defined_in_the_file_that_it_links(name: str, file: str) -> None:
    source = (ROOT / file).read_text(encoding="utf-8")
    assert re.search(rf"^(?:(?:async )?def|class|    def) {name}\b|^{name}\b.* = ", source, re.MULTILINE)


def test_the_order_of_the_imports_is_that_of_the_test_that_holds_it() -> None:
    (shown,) = blocks(PAGE, "text order")
    assert tuple(shown.split()) == ORDER


def test_the_page_has_an_addition_of_each_kind() -> None:
    assert [heading.removeprefix("To add ") for heading in ADDITIONS] == [
        "a check",
        "a judge mode",
        "a provider",
        "a failure policy",
    ]


@pytest.mark.parametrize("heading", ADDITIONS)
def test_a_section_counts_the_files_of_its_diff(heading: str) -> None:
    _, text = diff_of(heading)
    assert len(re.findall(r"^diff --git ", text, re.MULTILINE)) == int(line(heading, "Files"))


def test_the_table_of_additions_has_the_counts_of_the_sections() -> None:
    (table,) = tables(sections(PAGE)["What an addition touches"])
    counted = {f"To add {addition}": files for addition, files, _ in table[1:]}
    assert counted == {heading: line(heading, "Files") for heading in ADDITIONS}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project; bytecode comes along, so that nothing but the diff is compiled."""
    for name in COPIED:
        source, copy = ROOT / name, tmp_path / "project" / name
        copy.parent.mkdir(exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, copy)
        else:
            shutil.copy2(source, copy)
    return tmp_path / "project"


def run(project: Path, *command: str, text: str = "") -> str:
    """What a command prints that runs in the copy and succeeds; ``text`` is its input."""
    alone = {"GIT_CEILING_DIRECTORIES": str(project.parent), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        command,
        cwd=project,
        input=text,
        env={**os.environ, **alone},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


SEAM = (ROOT / "reward_fn" / "judge" / "models" / "provider.py").exists()


@pytest.mark.skipif(shutil.which("git") is None, reason="git, which applies the diffs, is not installed")
@pytest.mark.parametrize("heading", ADDITIONS)
def test_a_diff_applies_and_its_tests_pass(heading: str, project: Path) -> None:
    name, diff = diff_of(heading)
    if name == "provider" and not SEAM:
        pytest.skip("providers are not found by a prefix yet")
    run(project, "git", "apply", "--whitespace=nowarn", "-", text=diff)
    scripts = blocks(ADDITIONS[heading], f"python {name}")
    for toml in blocks(ADDITIONS[heading], f"toml {name}"):
        (project / "shown.toml").write_text(toml, encoding="utf-8")
        scripts.insert(0, LOAD)
    run(project, sys.executable, "-c", "\n".join(scripts))
    pytest_options = ("-q", "-p", "no:cacheprovider", *line(heading, "Tests").split())
    assert re.search(r"\d+ passed", run(project, sys.executable, "-m", "pytest", *pytest_options))
