"""The Makefile's help and arguments, and the parts that CI runs."""

import os
import re
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
CALLED_BY_SAM = {"build-RewardFunction"}
OF_MAKE = {"MAKEFLAGS", "MAKELEVEL", "WORKERS", "PYTEST_ARGS"}
"""Set by the `make test` that may run these tests."""


def make(*arguments: str) -> str:
    environment = {name: value for name, value in os.environ.items() if name not in OF_MAKE}
    done = subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    return done.stdout


def targets() -> set[str]:
    text = (PROJECT / "Makefile").read_text()
    return set(re.findall(r"^\.PHONY: (\S+)$", text, re.MULTILINE)) - CALLED_BY_SAM


def test_make_alone_shows_the_help() -> None:
    assert make() == make("help")


def test_the_help_names_every_target() -> None:
    assert set(re.findall(r"^  make (\S+) ", make("help"), re.MULTILINE)) == targets()


def test_the_targets_that_cost_money_stand_apart() -> None:
    here, _, cloud = make("help").partition("With an AWS account")
    assert set(re.findall(r"^  make (\S+) ", cloud, re.MULTILINE)) == {
        "deploy",
        "doctor",
        "outputs",
        "provision",
        "unprovision",
        "warm",
    }
    assert "make deploy" not in here


def test_a_run_passes_the_event_and_the_definition_on() -> None:
    shown = make("--dry-run", "run", "EVENT=events/a b.json", "DEFINITION=math-answer")
    assert '-m rewardctl run --event "events/a b.json" --definition "math-answer"' in shown


def test_the_tests_arguments_are_passed_on() -> None:
    shown = make("--dry-run", "test", "WORKERS=0", "PYTEST_ARGS=-k name -x")
    assert "-m pytest -n 0 --maxprocesses 4 -k name -x" in shown


def test_a_check_is_style_types_and_unit_tests_alone() -> None:
    (lint, types, tests) = ("ruff check", "bin/mypy", "pytest -n auto --maxprocesses 4 tests/unit")
    shown = make("--dry-run", "check")
    assert shown.index(lint) < shown.index(types) < shown.index(tests)


FAKE_MAKE = """#!/bin/sh
echo "make $1" >> "$CALLS"
case " $BROKEN " in *" $1 "*) exit 2 ;; esac
"""


@pytest.mark.parametrize(
    ("broken", "status", "last_line"),
    [
        ("", 0, "== lint, scan and test passed"),
        ("scan", 1, "== failed: scan"),
        ("lint test", 1, "== failed: lint test"),
    ],
)
def test_ci_runs_every_part_and_names_those_that_failed(
    tmp_path: Path, broken: str, status: int, last_line: str
) -> None:
    fake = tmp_path / "bin" / "make"
    fake.parent.mkdir()
    fake.write_text(FAKE_MAKE)
    fake.chmod(0o755)
    calls = tmp_path / "calls"
    variables = {
        **os.environ,
        "PATH": f"{fake.parent}{os.pathsep}{os.environ['PATH']}",
        "CALLS": str(calls),
        "BROKEN": broken,
        "LAMBDA_IMAGE_SCRIPT": str(tmp_path / "no-image.sh"),
    }
    done = subprocess.run(
        ["bash", str(PROJECT / ".ci" / "run")],
        env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout.splitlines()[-1]) == (status, last_line)
    assert calls.read_text().splitlines() == ["make setup", "make lint", "make scan", "make test"]
