"""Rows in every form that the function takes, as lines and in events; other tools' forms are named."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from reward_fn.event.parse import parse_event, parse_rows
from reward_fn.types.rollout import Rejected, Rollout
from rewardctl.data import Line, Problem, Row, rows_in, rows_of
from tests.factory import ROOT, row

EVENTS = sorted(
    path
    for path in (ROOT / "events").glob("*.json")
    if not path.name.endswith(".expected.json")
    and not path.name.startswith(
        ("not_a_batch", "rollout_request", "trl_arguments", "empty_", "custom_metrics_pre")
    )
)
"""The events that hold at least one row; the others are tested by name."""

READ = ("messages", "response", "reference_answer", "metadata", "tool_calls")


def read(entry: Rollout | Rejected) -> Any:
    """What a row means, without its place in a batch."""
    if isinstance(entry, Rejected):
        return entry.reason
    return tuple(getattr(entry, name) for name in READ)


def line_of(value: Any, number: int = 1) -> Line:
    return Line(number, json.dumps(value).encode())


@pytest.mark.parametrize("path", EVENTS, ids=lambda path: path.stem)
def test_an_event_gives_the_rollouts_that_the_function_reads(path: Path) -> None:
    event = json.loads(path.read_text(encoding="utf-8"))
    rows = list(rows_of(str(path)))
    assert all(isinstance(each, Row) for each in rows), rows
    entries = parse_rows([each.value for each in rows if isinstance(each, Row)])
    assert [read(entry) for entry in entries] == [read(entry) for entry in parse_event(event)]


@pytest.mark.parametrize("path", EVENTS, ids=lambda path: path.stem)
def test_an_event_on_one_line_between_others_gives_the_same_rollouts(path: Path, tmp_path: Path) -> None:
    event = json.loads(path.read_text(encoding="utf-8"))
    data = tmp_path / "data.jsonl"
    data.write_text("\n".join(map(json.dumps, [row(), event, row()])), encoding="utf-8")
    rows = [each for each in rows_of(str(data)) if isinstance(each, Row) and each.line == 2]
    entries = parse_rows([each.value for each in rows])
    assert [read(entry) for entry in entries] == [read(entry) for entry in parse_event(event)]


@pytest.mark.parametrize("path", EVENTS, ids=lambda path: path.stem)
def test_each_object_of_an_event_gives_the_same_rollout_on_a_line_of_its_own(
    path: Path, tmp_path: Path
) -> None:
    event = json.loads(path.read_text(encoding="utf-8"))
    sent = [each for each in event if isinstance(each, dict)] if isinstance(event, list) else []
    data = tmp_path / "data.jsonl"
    data.write_text("\n".join(map(json.dumps, [row(), *sent])), encoding="utf-8")
    for value, line in zip([row(), *sent], rows_of(str(data)), strict=True):
        [expected] = parse_rows([value])
        if isinstance(line, Row):
            assert read(parse_rows([line.value])[0]) == read(expected)
        else:  # named before it is scored
            assert isinstance(expected, Rejected)


def test_rollout_requests_are_named_with_the_remedy() -> None:
    event = json.loads((ROOT / "events" / "rollout_request.json").read_text(encoding="utf-8"))
    values = event if isinstance(event, list) else [event]
    for problem in rows_in(line_of(values)):
        assert isinstance(problem, Problem)
        assert problem.reason == "other_form"
        assert "AgentConfig" in problem.detail


def test_a_row_without_an_id_gets_one_by_its_line() -> None:
    [sent] = rows_in(line_of({**row(), "id": None}, 7))
    assert sent == Row(7, {**row(), "id": "missing-6"}, "missing-6")


def test_rows_of_one_line_without_ids_get_different_ones() -> None:
    rows = rows_in(line_of([{**row(), "id": None}, {**row(), "id": None}], 7))
    assert [each.value["id"] for each in rows if isinstance(each, Row)] == ["missing-6", "missing-6.1"]


@pytest.mark.parametrize("value", [0, "", False, [1], {"a": 1}])
def test_any_other_id_stays(value: Any) -> None:
    [sent] = rows_in(line_of(row(id=value)))
    assert isinstance(sent, Row)
    assert sent.value["id"] == value


OTHER_FORMS: Mapping[str, tuple[dict[str, Any], str]] = {
    "ShareGPT": ({"conversations": [{"from": "human", "value": "q"}]}, "messages"),
    "preference pair": ({"prompt": "q", "chosen": "a", "rejected": "b"}, "a row of its own"),
    "OpenAI's batch output": ({"custom_id": "1", "response": {"body": {}}}, "messages"),
    "Bedrock's batch output": ({"recordId": "1", "modelInput": {}, "modelOutput": {}}, "messages"),
    "Alpaca": ({"instruction": "q", "input": "", "output": "a"}, "messages"),
    "promptfoo": ({"vars": {}, "response": {"output": "a"}, "prompt": {"raw": "q"}}, "messages"),
    "TRL": ({"prompts": ["q"], "completions": ["a"]}, "for each"),
    "result of this function": (
        {"id": "1", "aggregate_reward_score": 1.0, "metrics_list": []},
        "the file with the rollouts",
    ),
    "label": ({"id": "1", "labeller": "ann", "labels": {}}, "the file with the rollouts"),
}


@pytest.mark.parametrize("name", OTHER_FORMS)
@pytest.mark.parametrize("in_event", [False, True])
def test_a_row_of_another_tool_is_named_with_the_remedy(name: str, in_event: bool) -> None:
    value, remedy = OTHER_FORMS[name]
    [problem] = rows_in(line_of([value] if in_event else value, 3))
    assert isinstance(problem, Problem)
    assert (problem.line, problem.reason) == (3, "other_form")
    assert name in problem.detail
    assert remedy in problem.detail


def test_columns_that_recall_another_tool_do_not_hide_an_answer() -> None:
    value = {"id": "1", "prompt": "q", "completion": "a", "instruction": "q", "output": "a"}
    assert rows_in(line_of(value)) == [Row(1, value, "missing-0")]


def test_an_object_that_is_no_rollout_is_named_by_its_keys() -> None:
    [problem] = rows_in(line_of({"question": "q", "k" * 99: 1}))
    assert isinstance(problem, Problem)
    assert f"keys question, {'k' * 40}, which is no rollout" in problem.detail
