"""The section on right values: what it counts, and what it says where something is missing."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from benchmarks import right_values
from benchmarks.size import FULL, TINY
from benchmarks.token_environments import EnvironmentMissingError

CHECKED: dict[str, Any] = {"kind": "check", "params": {}, "expected": 1.0, "op": "=="}
NUMBER = {**CHECKED, "area": "numeric", "check": "numeric_answer", "reference": ["7", "seven"]}
RIGHT = {**NUMBER, "id": "n-1", "input": "A: 7"}
WRONG = {**NUMBER, "id": "n-2", "input": "A: 8"}
UNSCORED = {**RIGHT, "id": "n-3", "reference": "(7, 8)", "expected": None}
CHOICE = {**CHECKED, "id": "c-1", "area": "choice", "check": "choice_answer", "input": "B", "reference": "B"}
ROWS = [RIGHT, WRONG, UNSCORED, CHOICE]


def tick(_what: str) -> None:
    """Nobody watches."""


@pytest.fixture(autouse=True)
def _own_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(right_values, "ROWS", ROWS)


def test_at_the_least_size_nothing_is_installed_and_the_section_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def never(*_: Any) -> Path:
        raise AssertionError("installed something")

    monkeypatch.setattr(right_values, "python_of", never)
    section = right_values.measure(TINY, tick)
    assert section.notes == ["Other graders were not measured: the smallest size installs nothing."]


def test_rows_are_counted_by_kind_and_the_wrong_ones_named() -> None:
    section = right_values.measure(TINY, tick)
    (goal,) = section.goals
    assert (goal.value, goal.limit, goal.shown, goal.met) == (3, 4, "3 of 4", False)
    assert section.data["wrong"] == ["n-2"]
    cells = [(row[0], row[1], row[3]) for row in section.tables[0].rows]
    assert cells == [("numeric", "3", "2"), ("choice", "1", "1"), ("all", "4", "3")]


def test_the_figures_of_the_old_commit_are_shown_only_for_its_own_cases() -> None:
    section = right_values.measure(TINY, tick)
    assert {row[2] for row in section.tables[0].rows} == {"not known"}
    assert sum(right_values.BEFORE.values()) == 48


def test_other_graders_are_asked_with_text_and_never_have_an_unscored_row_right(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[dict[str, Any]] = []

    def answered(_python: Path, _script: str, given: Sequence[dict[str, Any]]) -> Any:
        asked.extend(given)
        return {
            "math-verify": {"n-1": 1.0, "n-2": 1.0, "n-3": None, "c-1": 0.0},
            "verl, strict": {"n-3": 0.0},
        }

    monkeypatch.setattr(right_values, "python_of", lambda *_: Path("python"))
    monkeypatch.setattr(right_values, "run_script", answered)
    section = right_values.measure(FULL, tick)
    assert [row[4:6] for row in section.tables[0].rows] == [("2", "0"), ("0", ""), ("", "")]
    assert (asked[0]["text"], asked[0]["references"]) == ("A: 7", ["7", "seven"])
    assert asked[3]["labels"] == ("A", "B", "C", "D", "E")


def test_graders_that_can_not_be_installed_are_left_out_and_the_section_says_why(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(*_: Any) -> Path:
        raise EnvironmentMissingError("no network")

    monkeypatch.setattr(right_values, "python_of", missing)
    section = right_values.measure(FULL, tick)
    assert section.notes == ["Other graders were not measured: no network."]
    assert section.goals[0].shown == "3 of 4"


def test_without_cases_the_section_is_left_out_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(right_values, "ROWS", [])
    section = right_values.measure(FULL, tick)
    assert "right_values.jsonl is missing" in section.skipped
    assert not section.goals
    assert not section.tables
