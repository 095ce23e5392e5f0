"""The search for a Python, against made-up interpreters that wrap the real one."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "requirements" / "find_python.sh"

# A made-up interpreter gets the arguments -I -c CODE; this changes what CODE then sees.
FAKE = """#!/bin/sh
exec "{real}" -I -c "import sys, types, ensurepip
sys.version_info = ({version}, 0, 'final', 0)
sys.implementation = types.SimpleNamespace(**{{**vars(sys.implementation), 'name': '{implementation}'}})
sys.executable = '{path}'
{more}
$3"
"""


class Machine:
    """A machine whose PATH holds two folders, `first` and `second`, with what a test puts there."""

    def __init__(self, folder: Path) -> None:
        self.first, self.second, self.home = folder / "first", folder / "second", folder / "home"
        for each in (self.first, self.second, self.home):
            each.mkdir()
        for tool in ("sh", "head", "tail"):
            (self.second / tool).symlink_to(str(shutil.which(tool)))

    def has(
        self, folder: Path, name: str, version: str, *, implementation: str = "cpython", more: str = ""
    ) -> Path:
        """Adds an interpreter that says it is of `version`, as "3.12"."""
        text = FAKE.format(
            real=sys.executable, version=version.replace(".", ", "), implementation=implementation,
            path=folder / name, more=more,
        )  # fmt: skip
        return self.has_script(folder, name, text)

    def has_script(self, folder: Path, name: str, text: str) -> Path:
        """Adds a program of any text."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / name
        path.write_text(text)
        path.chmod(0o755)
        return path

    def find(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Runs the search on this machine."""
        path = f"{self.first}{os.pathsep}{self.second}"
        environment = {"PATH": path, "HOME": str(self.home), "USUAL_FOLDERS": ""}
        return subprocess.run(
            ["sh", str(SCRIPT), *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine without any Python."""
    return Machine(tmp_path)


SHIM = "#!/bin/sh\necho 'shim: python3.13: command not found' >&2\nexit 127\n"


def test_a_shim_that_fails_is_passed_over(machine: Machine) -> None:
    machine.has_script(machine.first, "python3.13", SHIM)
    works = machine.has(machine.second, "python3.13", "3.13")
    assert machine.find().stdout == f"{works}\n"


def test_the_newest_version_wins(machine: Machine) -> None:
    machine.has(machine.first, "python3.11", "3.11")
    newest = machine.has(machine.second, "python3.13", "3.13")
    machine.has(machine.first, "python3.12", "3.12")
    assert machine.find().stdout == f"{newest}\n"


def test_one_that_a_version_manager_keeps_is_found_without_path(machine: Machine) -> None:
    kept = machine.has(machine.home / ".pyenv/versions/3.12.9/bin", "python3.12", "3.12")
    assert machine.find().stdout == f"{kept}\n"


def test_a_plain_python3_is_asked_for_its_version(machine: Machine) -> None:
    machine.has(machine.first, "python3", "3.10")
    works = machine.has(machine.second, "python3", "3.12")
    assert machine.find().stdout == f"{works}\n"


def test_without_ensurepip_it_is_passed_over_and_said_why(machine: Machine) -> None:
    machine.has(machine.first, "python3", "3.11", more="sys.modules['ensurepip'] = None")
    done = machine.find()
    assert done.returncode == 1
    assert f"{machine.first}/python3: is Python 3.11, without its module ensurepip" in done.stderr
    assert "apt-get install python3 python3-venv" in done.stderr


def test_where_there_is_none_all_that_was_tried_is_named(machine: Machine) -> None:
    machine.has_script(machine.first, "python3.13", SHIM)
    machine.has(machine.second, "python3", "3.14")
    machine.has(machine.second, "python", "3.12", implementation="pypy")
    done = machine.find()
    assert (done.returncode, done.stdout) == (1, "")
    assert f"{machine.first}/python3.13: shim: python3.13: command not found" in done.stderr
    assert f"{machine.second}/python3: is Python 3.14" in done.stderr
    assert f"{machine.second}/python: is not CPython but pypy" in done.stderr
    assert "make run PYTHON=/path/to/python3.12" in done.stderr


def test_a_named_python_is_taken_before_a_newer_one(machine: Machine) -> None:
    machine.has(machine.first, "python3.13", "3.13")
    named = machine.has(machine.home / "own", "python", "3.11")
    assert machine.find(str(named)).stdout == f"{named}\n"


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13"])
def test_a_name_on_path_will_do_as_ci_gives_it(machine: Machine, version: str) -> None:
    machine.has(machine.first, "python3", "3.13")
    named = machine.has(machine.second, f"python{version}", version)
    assert machine.find(f"python{version}").stdout == f"{named}\n"


def test_a_named_python_that_does_not_fit_is_an_error_although_another_would(machine: Machine) -> None:
    machine.has(machine.first, "python3.13", "3.13")
    named = machine.has(machine.home / "own", "python", "3.10")
    done = machine.find(str(named))
    assert (done.returncode, done.stdout) == (1, "")
    assert f"PYTHON={named} can't be used: is Python 3.10" in done.stderr
