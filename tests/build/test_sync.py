"""The environment's stamp: made once, trusted while it fits, and only then."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
MAKE_STAMP = """
import sys
sys.path.insert(0, "requirements")
import sync
sync.VENV.mkdir()
sync.STAMP.write_text(sync.wanted_stamp(sync.version_text()))
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of what the environment is made from."""
    copy = tmp_path / "project"
    shutil.copytree(
        PROJECT / "requirements", copy / "requirements", ignore=shutil.ignore_patterns("__pycache__")
    )
    return copy


def is_ready(project: Path) -> bool:
    command = [sys.executable, "requirements/sync.py", "--ready"]
    return subprocess.run(command, cwd=project, timeout=60, check=False).returncode == 0


def stamp(project: Path) -> None:
    subprocess.run([sys.executable, "-c", MAKE_STAMP], cwd=project, timeout=60, check=True)


def test_it_is_not_ready_before_it_is_made(project: Path) -> None:
    assert not is_ready(project)


def test_it_is_ready_once_stamped(project: Path) -> None:
    stamp(project)
    assert is_ready(project)


def test_other_pins_make_it_stale(project: Path) -> None:
    stamp(project)
    with (project / "requirements" / "dev.txt").open("a") as pins:
        pins.write("# another pin\n")
    assert not is_ready(project)


def test_a_project_that_moved_makes_it_stale(project: Path) -> None:
    # The path file in the environment would lead to the old place.
    stamp(project)
    moved = project.rename(project.with_name("moved"))
    assert not is_ready(moved)


@pytest.mark.slow
def test_a_failed_installation_is_told_and_leaves_no_stamp_nor_touches_another_projects_environment(
    project: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "theirs").touch()
    (project / ".venv").symlink_to(other)
    environment = {**os.environ, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "", "PIP_CONFIG_FILE": os.devnull}
    command = [sys.executable, "requirements/sync.py"]
    done = subprocess.run(
        command, cwd=project, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 1
    assert "pip could not install requirements/dev.txt" in done.stderr
    assert "The first setup needs a package index" in done.stderr
    assert not is_ready(project)
    assert [path.name for path in other.iterdir()] == ["theirs"]
    assert not (project / ".venv").is_symlink()


ADD_PROJECT = """
import sys
sys.path.insert(0, "requirements")
import sync
sync.venv.EnvBuilder(symlinks=True).create(sync.VENV)
sync.add_project(sync.VENV / "bin" / "python")
"""


def test_the_command_line_is_called_by_its_name_from_any_folder(project: Path, tmp_path: Path) -> None:
    """`.venv/bin/rewardctl` starts the environment's Python with the package of the project."""
    (project / "rewardctl").mkdir()
    (project / "rewardctl" / "__main__.py").write_text("import sys; print(__file__, *sys.argv[1:])")
    subprocess.run([sys.executable, "-c", ADD_PROJECT], cwd=project, timeout=60, check=True)
    command = [str(project / ".venv" / "bin" / "rewardctl"), "run", "an argument"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split(maxsplit=1) == [
        str(project / "rewardctl" / "__main__.py"),
        "run an argument\n",
    ]


@pytest.mark.skipif(Path(sys.prefix) != PROJECT / ".venv", reason="these tests don't run in .venv")
def test_a_second_setup_needs_no_network_and_says_nothing() -> None:
    nowhere = {"PIP_NO_INDEX": "1", "HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}
    done = subprocess.run(
        ["make", "--silent", "setup"],
        cwd=PROJECT, env={**os.environ, **nowhere}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.skipif(Path(sys.prefix) != PROJECT / ".venv", reason="these tests don't run in .venv")
def test_after_setup_the_command_line_answers_as_the_docs_call_it(tmp_path: Path) -> None:
    command = [str(PROJECT / ".venv" / "bin" / "rewardctl"), "check", "math-answer"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "math-answer" in done.stdout
