"""The judge's health in the log and the metrics: first causes, counts and circuits, one line each."""

import io
import json
import logging

import pytest
from aws_lambda_powertools import Logger

from reward_fn.report.judge_health import health_counts, health_lines
from reward_fn.report.telemetry import Telemetry
from reward_fn.types.batch import Scored
from reward_fn.types.result import Result
from reward_fn.types.unscored import Reason
from reward_fn.types.usage import BreakerEvent, Call, Usage
from tests.factory import rollout
from tests.unit.rubric import criterion, definition

OPENED = BreakerEvent("m", True, "unavailable: HTTP 503")
CLOSED = BreakerEvent("m", False, "unavailable: HTTP 503")
DENIED = "AccessDeniedException: no access; request it in the Bedrock console"


def call(failure: Reason | None = None, cause: str = "", model: str = "m") -> Call:
    return Call(model, 0.1, failure=failure, cause=cause)


def lines(*calls: Call) -> list[tuple[int, str]]:
    return [(line.level, line.message) for line in health_lines(Usage(calls))]


def test_an_invocation_whose_calls_all_fail_tells_the_first_cause_the_count_and_the_remedy() -> None:
    calls = (
        call(Reason.TIMEOUT, "ReadTimeoutError; raise JUDGE_TIMEOUT_S"),
        call(Reason.UNAVAILABLE, "late"),
    )
    (line,) = health_lines(Usage(calls))
    assert line.level == logging.ERROR
    assert line.message == "all 2 judge calls failed; first timeout: ReadTimeoutError; raise JUDGE_TIMEOUT_S"
    assert line.fields == {
        "model": "m",
        "cause": "ReadTimeoutError; raise JUDGE_TIMEOUT_S",
        "calls": 2,
        "failures": {"timeout": 1, "unavailable": 1},
    }


@pytest.mark.parametrize(
    "calls", [(), (call(),), (call(Reason.TIMEOUT), call()), (call(), call(Reason.THROTTLED), call())]
)
def test_where_a_call_came_through_or_none_was_made_there_is_no_error(calls: tuple[Call, ...]) -> None:
    assert lines(*calls) == []


def test_a_failure_without_a_cause_is_told_by_its_reason() -> None:
    assert lines(call(Reason.MALFORMED)) == [(logging.ERROR, "all 1 judge call failed; first malformed")]


def test_a_lasting_failure_that_a_fallback_hides_is_told_once_for_each_model_and_reason() -> None:
    exhausted = "ThrottlingException: Too many tokens per day; raise it"
    calls = (
        call(Reason.QUOTA_EXHAUSTED, exhausted),
        call(Reason.DENIED, DENIED, "panel-1"),
        call(model="fallback"),
        call(Reason.QUOTA_EXHAUSTED, "another"),
        call(Reason.THROTTLED, "passes"),
    )
    assert lines(*calls) == [
        (logging.WARNING, f"judge m: 2 judge calls failed, quota_exhausted: {exhausted}"),
        (logging.WARNING, f"judge panel-1: 1 judge call failed, denied: {DENIED}"),
    ]


def test_a_circuit_that_opens_or_closes_is_one_warning_each_with_its_cause() -> None:
    told = [(line.level, line.message) for line in health_lines(Usage(events=(OPENED, CLOSED)))]
    assert told == [
        (logging.WARNING, "judge m: circuit opened (unavailable: HTTP 503)"),
        (logging.WARNING, "judge m: circuit closed (it had opened for unavailable: HTTP 503)"),
    ]


def test_the_metrics_that_alarms_watch_are_counted_and_0_where_nothing_happened() -> None:
    calls = tuple(call(why) for why in (Reason.DENIED, Reason.QUOTA_EXHAUSTED, Reason.DENIED, Reason.TIMEOUT))
    found = health_counts(Usage(calls, events=(OPENED, CLOSED, OPENED)))
    assert found == {"JudgeDenied": 2, "JudgeQuotaExhausted": 1, "CircuitOpened": 2}
    assert health_counts(Usage()) == {"JudgeDenied": 0, "JudgeQuotaExhausted": 0, "CircuitOpened": 0}


def test_the_lines_come_after_the_rollouts_with_definition_and_request(
    capsys: pytest.CaptureFixture[str],
) -> None:
    served, stream = definition(criterion("Sound")), io.StringIO()
    telemetry = Telemetry(log_text=False, logger=Logger(service="health", stream=stream))
    usage = Usage((call(Reason.DENIED, DENIED),), events=(OPENED,))
    batch = Scored((Result(0, "r", 0.5, ()),), usage, (rollout("text", id="r"),))
    telemetry.report(batch, served, "request-1")
    records = capsys.readouterr().out
    logged = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [(line["level"], line["message"].partition(":")[0]) for line in logged] == [
        ("INFO", "rollout"),
        ("WARNING", "judge m"),
        ("WARNING", "judge m"),
        ("ERROR", "all 1 judge call failed; first denied"),
    ]
    assert (logged[-1]["cause"], logged[-1]["calls"]) == (DENIED, 1)
    assert {(line["definition"], line["request_id"]) for line in logged} == {("test", "request-1")}
    assert [json.loads(record) for record in records.splitlines() if '"CircuitOpened":[1.0]' in record]
