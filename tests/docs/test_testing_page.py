"""The page on tests: its commands, folders and markers are those of the project."""

import os
import re
import shlex
import subprocess
import tomllib

from tests.conftest import ROOT, TOGETHER, unit_of

PAGE = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"^(make test .*)$", PAGE, re.MULTILINE)


def test_the_page_has_every_folder_of_tests() -> None:
    folders = {path.name for path in (ROOT / "tests").iterdir() if any(path.glob("**/test_*.py"))}
    assert set(re.findall(r"`tests/(\w+)`(?=[^\n]*\|)", PAGE)) == folders


def test_the_page_has_every_marker() -> None:
    options = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"]
    markers = {marker.partition(":")[0] for marker in options["ini_options"]["markers"]}
    assert set(re.findall(r"^\| `(data|docker|slow|\w+)` \|", PAGE, re.MULTILINE)) == markers


def test_the_targets_of_the_page_exist() -> None:
    targets = set(
        re.findall(r"^\.PHONY: (\S+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert set(re.findall(r"\bmake (\w+)", PAGE)) <= targets


def test_the_examples_give_pytest_folders_that_exist() -> None:
    assert len(SHOWN) == 3
    # These tests may themselves run under `make test`, whose settings must not count here.
    environment = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL", "WORKERS")}
    for command in SHOWN:
        dry = subprocess.run(
            [*shlex.split(command), "--dry-run", "--no-print-directory"],
            cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
        words = shlex.split(dry.stdout.splitlines()[-1])
        assert words[1:3] == ["-m", "pytest"]
        assert [word for word in words if word.startswith("tests/") and not (ROOT / word).is_dir()] == []


def test_a_file_is_what_workers_share_and_the_containers_are_one() -> None:
    assert unit_of("tests/unit/test_paths.py::test_a[b::c]") == "tests/unit/test_paths.py"
    assert TOGETHER == ("tests/docker/",)
    assert unit_of("tests/docker/test_a.py::test_b") == unit_of("tests/docker/test_c.py::test_d")
