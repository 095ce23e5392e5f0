"""What the function's answer is taken for: results, or an error with its kind, message and remedy."""

import json
from pathlib import Path
from typing import Any

import pytest

from rewardctl.local.errors import FunctionError
from rewardctl.local.outcome import exit_error, results_of


def error_of(payload: bytes) -> FunctionError:
    with pytest.raises(FunctionError) as caught:
        results_of(payload)
    return caught.value


def test_a_list_of_results_is_taken_as_it_is() -> None:
    results = [{"id": "é", "aggregate_reward_score": 0.5, "metrics_list": []}]
    assert results_of(json.dumps(results).encode()) == results


def test_an_empty_batch_is_no_error() -> None:
    assert results_of(b"[]") == []


BODIES = [b'"[]"', b"[]", json.dumps(json.dumps([{"id": "\u00e9"}])).encode(), b'[{"id": "\xc3\xa9"}]']


@pytest.mark.parametrize(("body", "count"), list(zip(BODIES, [0, 0, 1, 1], strict=True)))
def test_the_results_are_found_in_either_http_envelope(body: bytes, count: int) -> None:
    results = results_of(b'{"statusCode": 200, "headers": {}, "body": ' + body + b"}")
    assert results == [{"id": "\u00e9"}] * count


@pytest.mark.parametrize(
    "envelope",
    [
        {"statusCode": 200},
        {"statusCode": 200, "body": None},
        {"statusCode": 200, "body": {"id": 1}},
        {"statusCode": 200, "body": '"[]"'},
        {"statusCode": 200, "body": "[1]"},
        {"statusCode": 200, "body": "["},
        {"statusCode": 200, "body": '[{"aggregate_reward_score": NaN}]'},
        {"statusCode": 400, "body": "[]"},
        {"body": "[]"},
    ],
    ids=repr,
)
def test_an_envelope_without_results_in_it_is_an_error(envelope: dict[str, Any]) -> None:
    assert error_of(json.dumps(envelope).encode()).kind == "Runtime.InvalidResult"


def test_a_functions_error_keeps_its_type_and_message() -> None:
    error = error_of(b'{"errorType": "SettingsError", "errorMessage": "X=1: set 2", "stackTrace": []}')
    assert (error.kind, error.message) == ("SettingsError", "X=1: set 2")
    assert error.remedy == "Give the variable an allowed value, or unset it."


def test_an_unknown_error_leads_to_the_log() -> None:
    error = error_of(b'{"errorType": "KeyError", "errorMessage": "x"}')
    assert error.remedy == "The function's log has the traceback."


def test_a_time_out_is_told_in_the_emulators_words() -> None:
    error = error_of(b"2026-11-24T08:00:45Z 1234 Task timed out after 4.00 seconds")
    assert error.kind == "Runtime.Timeout"
    assert "Task timed out after 4.00 seconds" in error.message


@pytest.mark.parametrize("answer", [{"results": []}, "text", 3, None, [1, 2]], ids=repr)
def test_anything_but_a_list_of_objects_is_an_error(answer: Any) -> None:
    assert error_of(json.dumps(answer).encode()).kind == "Runtime.InvalidResult"


@pytest.mark.parametrize("payload", [b"[NaN]", b'[{"aggregate_reward_score": Infinity}]', b"[", b"", b"\xff"])
def test_what_is_not_json_is_an_error(payload: bytes) -> None:
    # Python's own reader would take NaN and Infinity.
    error = error_of(payload)
    assert error.kind == "Runtime.InvalidResult"
    assert "not JSON" in error.message


def test_the_last_error_of_the_log_explains_an_exit(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("START\n[ERROR] KeyError: first\rTraceback\n[ERROR] RuntimeError: a: b\rTraceback\nEND\n")
    error = exit_error(log)
    assert (error.kind, error.message) == ("RuntimeError", "a: b")


def test_an_exit_without_a_word_is_said_to_be_one(tmp_path: Path) -> None:
    assert exit_error(tmp_path / "absent").kind == "Runtime.ExitError"


def metric(name: str, value: float) -> dict[str, object]:
    return {"name": name, "value": value, "type": "Metric"}


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"score": 0.5, "scores": [1.0, 0.0]}, [("0", 1.0, []), ("1", 0.0, [])]),
        ({"reward": -0.5, "user_requested_aux_info": "{}"}, [("0", -0.5, [])]),
        (
            {
                "statusCode": 200,
                "body": [{"metric": "aggregate_reward_score", "value": 0.5}, {"metric": "m", "value": 1.0}],
            },
            [("all", 0.5, [metric("m", 1.0)])],
        ),
        ({"statusCode": 200, "body": {"prompt": "Q"}}, []),
    ],
)
def test_an_answer_in_a_callers_own_form_is_told_as_results(answer: object, told: list[object]) -> None:
    found = results_of(json.dumps(answer).encode())
    assert [(each["id"], each["aggregate_reward_score"], each["metrics_list"]) for each in found] == told
