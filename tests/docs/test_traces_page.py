"""The page on traces has a row for every field of a trace."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from reward_fn.deadline import Deadline
from reward_fn.definition.load import load_pinned
from reward_fn.pipeline import Scorer, score_batch
from reward_fn.report.trace import Batch, record
from tests.conftest import ROOT
from tests.factory import row
from tests.unit.fake_judge import FakeJudge

PAGE = (ROOT / "docs" / "traces.md").read_text(encoding="utf-8")
JUDGED = b"""
name = "judged"
[[gate]]
check = "hollow_answer"
[judge]
model = "medium"
[[judge.criterion]]
name = "Sound"
question = "Is every step of the answer correct?"
"""


def table(what: str) -> list[str]:
    """The first column of the table about the fields of something."""
    found = re.search(
        rf"^\| field of a {what} \| meaning \|\n\|---\|---\|\n((?:\|.*\n)+)", PAGE, re.MULTILINE
    )
    assert found, what
    return re.findall(r"^\| `(\w+)` \|", found[1], re.MULTILINE)


@pytest.fixture(scope="module")
def trace() -> dict[str, Any]:
    """The trace of a rollout with a check, a verdict and a call."""
    definition = load_pinned(JUDGED, "ssm:/rewards/judged:1", judges_allowed=("medium",))
    scored = score_batch([row("All of it is correct.")], Scorer(definition, FakeJudge()), Deadline.after(60))
    return record(Batch(scored, (0,), "r", datetime.now(UTC)), 0, definition)


def test_every_field_of_a_trace_has_a_row_in_order(trace: dict[str, Any]) -> None:
    assert table("trace") == list(trace)


def test_every_field_of_a_check_a_verdict_and_a_call_has_a_row(trace: dict[str, Any]) -> None:
    (check,) = trace["checks"].values()
    (verdict,) = trace["verdicts"]
    (call,) = trace["calls"]
    for what, fields in (("check", check), ("verdict", verdict), ("call", call)):
        assert sorted(table(what)) == sorted(fields), what
