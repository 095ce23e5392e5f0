"""The Makefile: help comes first and names every target, those of the cloud apart."""

import os
import re
import subprocess
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
CALLED_BY_SAM = {"build-RewardFunction"}


def make(*arguments: str) -> str:
    environment = {
        name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL")
    }
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
