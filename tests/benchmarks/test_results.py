"""Goals are computed, and the document says what they come to."""

import pytest

from benchmarks import markdown
from benchmarks.results import Goal, Section, Table


@pytest.mark.parametrize(
    ("value", "at_most", "verdict"),
    [(1.10, True, "yes"), (1.1001, True, "no"), (1.10, False, "yes"), (1.0999, False, "no")],
)
def test_a_goal_is_met_on_the_right_side_of_its_limit_only(value: float, at_most: bool, verdict: str) -> None:
    assert Goal("speed", "", value, 1.10, "", at_most=at_most).verdict == verdict


def test_the_document_names_a_goal_that_was_missed() -> None:
    section = Section("Speed", ["How."], [Goal("wall time", "≤ 1.10", 1.2, 1.1, "1.200")])
    text = markdown.document("full", {"Python": "3.12"}, [section])
    assert "| wall time | ≤ 1.10 | 1.200 | no |" in text
    assert "- wall time: **1.200**, goal ≤ 1.10; goal met: **no**" in text


def test_a_section_without_figures_says_why() -> None:
    text = markdown.document("full", {}, [Section("Speed", [], skipped="there is no data")])
    assert text.count("Not measured: there is no data.") == 2  # under the goals and in its section


def test_a_bar_in_a_cell_does_not_end_the_cell() -> None:
    assert "| a\\|b | 1 |" in markdown.table(Table("", ("what", "value"), [("a|b", "1")]))
