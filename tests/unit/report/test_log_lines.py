"""The log line of each rollout: its fields, and its text only with LOG_TEXT on."""

import json
from typing import Any

import pytest

from reward_fn.deadline import Deadline
from reward_fn.definition.load import load_definition
from reward_fn.errors import JudgeFailure
from reward_fn.pipeline import Scorer, score_batch
from reward_fn.report.log_lines import MAX_LOGGED_ID_CHARS, MAX_LOGGED_TEXT_CHARS
from reward_fn.reserved_names import FLAGS, RESERVED
from reward_fn.types.batch import Scored
from reward_fn.types.result import Result
from reward_fn.types.rollout import Rollout
from reward_fn.types.unscored import Reason
from reward_fn.types.usage import Usage
from tests.factory import rollout, row
from tests.unit.fake_judge import FakeJudge
from tests.unit.report.reporting import SERVED, report, result, scored, values


def test_a_rollout_is_one_json_line_with_awss_field_names_on_top(capsys: pytest.CaptureFixture[str]) -> None:
    served = load_definition("contract-review")
    review = {
        "comments": [
            {"type": "t", "text_excerpt": "Customer pays in advance", "recommended_action": "Change it."}
        ]
    }
    reference = {"target_document": "Customer pays in advance, always.", "reference": "Pay in arrears."}
    rows = [row(json.dumps(review), id="good", reference_answer=reference), row("", id="empty"), "bad"]
    batch = score_batch(rows, Scorer(served, FakeJudge()), Deadline.after(10.0))
    lines, _, _ = report(batch, served, capsys)
    good, empty, bad = lines
    assert (good["id"], good["aggregate_reward_score"], good["level"]) == ("good", 1.0, "INFO")
    # each dimension under its own name
    assert (good["Coverage"], good["Actionability"], good["quotes_source"], good["rubric"]) == (
        1.0,
        1.0,
        1.0,
        1.0,
    )
    assert set(FLAGS) - good.keys() == {"judge_agreement", "escalated", "order_flips"}  # there is one voter
    assert good["definition"] == "contract-review"
    assert good["definition_version"] == served.version
    assert good["request_id"] == "request-1"
    assert (good["gate"], good["reasons"]) == ("", [])
    assert (empty["id"], empty["gate"], empty["aggregate_reward_score"]) == ("empty", "hollow_answer", 0.0)
    assert empty["details"] == {"hollow_answer": "no letter or digit"}
    assert (bad["id"], bad.get("group"), bad["aggregate_reward_score"]) == ("missing-2", None, 0.5)
    assert bad["reasons"] == ["bad_row: row 2 is a string; send an object with id and messages"]


def test_rollouts_of_one_prompt_carry_the_same_group(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [row("a", prompt="one"), row("b", prompt="one"), row("c", prompt="two")]
    batch = score_batch(rows, Scorer(SERVED, FakeJudge()), Deadline.after(10.0))
    groups = [line["group"] for line in report(batch, SERVED, capsys)[0]]
    assert groups[0] == groups[1] != groups[2]


def test_no_metric_may_take_the_name_of_a_log_field(capsys: pytest.CaptureFixture[str]) -> None:
    lines, _, _ = report(scored([result(0, 1.0)]), SERVED, capsys)
    assert lines[0].keys() <= RESERVED


def test_a_long_id_is_cut_in_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    batch = scored([Result(0, "x" * 10_000, 0.5, ()), Result(1, {"k": "y" * 10_000}, 0.5, ())])
    lines, _, text = report(batch, SERVED, capsys)
    assert lines[0]["id"] == "x" * MAX_LOGGED_ID_CHARS
    assert [len(line["id"]) for line in lines] == [256, 256]
    assert len(text) < 5000


@pytest.mark.parametrize("identity", [7, 1.5, "a", True, 10**30])
def test_ids_are_logged_as_they_are(identity: Any, capsys: pytest.CaptureFixture[str]) -> None:
    lines, _, _ = report(scored([Result(0, identity, 0.5, ())]), SERVED, capsys)
    assert lines[0]["id"] == identity


def test_a_judge_failure_is_a_reason_of_its_rollout(capsys: pytest.CaptureFixture[str]) -> None:
    judge = FakeJudge(lambda _question, _model: JudgeFailure(Reason.DENIED, "AccessDeniedException"))
    batch = score_batch([row("x")], Scorer(SERVED, judge), Deadline.after(10.0))
    lines, records, _ = report(batch, SERVED, capsys)
    assert lines[0]["reasons"] == ["denied: AccessDeniedException"]
    assert values(records, "Unscored", reason="denied") == [1]


# LOG_TEXT


def test_text_is_written_where_it_is_switched_on_and_bounded(capsys: pytest.CaptureFixture[str]) -> None:
    long = "y" * (MAX_LOGGED_TEXT_CHARS + 5)
    batch = Scored(
        (result(0, 1.0), Result(1, "bad", 0.5, ())),
        Usage(),
        (rollout(long, prompt="the prompt"), rollout("", index=1)),
    )
    lines, _, _ = report(batch, SERVED, capsys, log_text=True)
    assert lines[0]["prompt"] == "the prompt"
    assert lines[0]["response"] == long[:MAX_LOGGED_TEXT_CHARS]
    assert MAX_LOGGED_TEXT_CHARS == 20_000


def test_without_log_text_no_prompt_is_joined(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch may hold megabytes of prompts; joining them costs time, and nobody reads the result."""

    def joined(_: Rollout) -> str:
        raise AssertionError("the messages of a prompt were joined")

    monkeypatch.setattr(Rollout, "prompt", property(joined))
    lines, _, _ = report(scored([result(0, 1.0), result(1, 0.0)]), SERVED, capsys)
    assert [line["id"] for line in lines] == ["r-0", "r-1"]
    with pytest.raises(AssertionError, match="joined"):
        report(scored([result(0, 1.0)]), SERVED, capsys, log_text=True)
