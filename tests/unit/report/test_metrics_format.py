"""The records of the metrics: within the limits of CloudWatch's embedded format, under known names."""

import math
from typing import Any

import pytest

from reward_fn.deadline import Deadline
from reward_fn.definition.load import load_definition
from reward_fn.pipeline import Scorer, score_batch
from reward_fn.report.telemetry import NAMESPACE
from reward_fn.reserved_names import CLOUDWATCH, RESERVED
from reward_fn.types.usage import Call, Usage
from tests.factory import row
from tests.unit.fake_judge import FakeJudge
from tests.unit.report.reporting import SERVED, report, result, scored, values


def test_on_lambda_every_record_is_found_by_the_functions_name_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "SageMakerRewards")
    _, records, _ = report(scored([result(0, 0.0, gate="schema")]), SERVED, capsys)
    sets = [record["_aws"]["CloudWatchMetrics"][0]["Dimensions"] for record in records]
    assert sets == [
        [["definition"], ["function_name"]],
        [["definition", "check"], ["function_name", "check"]],
    ]
    assert {record["function_name"] for record in records} == {"SageMakerRewards"}


def is_valid_record(record: dict[str, Any]) -> bool:
    """CloudWatch's rules for a record: at most 100 metrics, 100 values each, 30 dimensions; all finite."""
    (directive,) = record["_aws"]["CloudWatchMetrics"]
    (dimensions,) = directive["Dimensions"]
    assert directive["Namespace"] == NAMESPACE
    assert record["_aws"]["Timestamp"] > 1_600_000_000_000
    assert 0 < len(directive["Metrics"]) <= 100
    assert len(dimensions) <= 30
    assert all(isinstance(record[name], str) and record[name] for name in dimensions)
    assert record["definition"] == "test"
    for metric in directive["Metrics"]:
        assert metric["Unit"] in ("Count", "None", "Milliseconds")
        numbers = record[metric["Name"]]
        assert 0 < len(numbers) <= 100
        assert all(math.isfinite(number) for number in numbers)
    return True


@pytest.mark.parametrize("rollouts", [0, 1, 64, 99, 100, 101, 128, 250])
@pytest.mark.parametrize("calls", [0, 1, 99, 100, 101, 200, 250])
def test_every_record_is_valid_and_no_value_is_lost(
    rollouts: int, calls: int, capsys: pytest.CaptureFixture[str]
) -> None:
    results = [result(i, i / 250, gate="schema" if i % 2 else "") for i in range(rollouts)]
    usage = Usage(tuple(Call("m", i / 1000, 1, 1) for i in range(calls)))
    _, records, _ = report(scored(results, usage), SERVED, capsys)
    assert all(is_valid_record(record) for record in records)
    assert values(records, "Reward") == [i / 250 for i in range(rollouts)]
    assert values(records, "JudgeLatency") == [float(i) for i in range(calls)]
    assert values(records, "Rollouts") == [rollouts]
    assert values(records, "JudgeCalls") == [calls]


def test_every_metric_sent_is_a_name_that_no_criterion_may_take(
    capsys: pytest.CaptureFixture[str],
) -> None:
    served = load_definition("contract-review")
    batch = score_batch([row("", id="empty"), "bad"], Scorer(served, FakeJudge()), Deadline.after(10.0))
    _, records, _ = report(batch, served, capsys)
    sent = {m["Name"] for r in records for part in r["_aws"]["CloudWatchMetrics"] for m in part["Metrics"]}
    assert sent
    assert sent <= CLOUDWATCH <= RESERVED
