"""The strict verifier finds what it is there to find."""

import json
import math
from typing import Any

import pytest

from tests.contract.strict import HEADERS, faults, opened, verify

ROWS: list[Any] = [{"id": "a"}, {}, "no row"]


def result(identity: Any, reward: Any = 0.5, *metrics: dict[str, Any]) -> dict[str, Any]:
    return {"id": identity, "aggregate_reward_score": reward, "metrics_list": list(metrics)}


def metric(name: Any = "m", value: Any = 1.0, kind: Any = "Metric") -> dict[str, Any]:
    return {"name": name, "value": value, "type": kind}


GOOD = [result("a", 1.0, metric(), metric("n", 0.0, "Reward")), result("missing-1"), result("missing-2", 0.0)]


def test_a_good_answer_has_no_faults() -> None:
    verify(ROWS, GOOD)
    verify([], [])
    verify([{"id": 0}], [result(0, -1.0)], low=-1.0)


@pytest.mark.parametrize(
    "answer",
    [
        None,
        {},
        {"statusCode": 200, "body": GOOD},
        [],
        GOOD[:2],
        [*GOOD, result("d")],
        [GOOD[1], GOOD[0], GOOD[2]],
        [result("b"), *GOOD[1:]],
        [result("a"), result(None), GOOD[2]],
        [result("a"), result(1), GOOD[2]],
        [None, *GOOD[1:]],
        [{"id": "a", "aggregate_reward_score": 0.5}, *GOOD[1:]],
        [{**GOOD[0], "extra": 1}, *GOOD[1:]],
        *(
            [result("a", reward), *GOOD[1:]]
            for reward in (None, "0.5", True, 1, math.nan, math.inf, 1.01, -0.01)
        ),
        *(
            [result("a", 0.5, metric(value=value)), *GOOD[1:]]
            for value in (None, "1", True, 1, math.nan, math.inf)
        ),
        *([result("a", 0.5, metric(kind=kind)), *GOOD[1:]] for kind in (None, "reward", "METRIC", "")),
        *([result("a", 0.5, metric(name=name)), *GOOD[1:]] for name in (None, "", 5)),
        [result("a", 0.5, metric(), metric()), *GOOD[1:]],
        [result("a", 0.5, {"name": "m", "value": 1.0}), *GOOD[1:]],
        [{**GOOD[0], "metrics_list": None}, *GOOD[1:]],
        [{**GOOD[0], "metrics_list": [None]}, *GOOD[1:]],
    ],
)
def test_every_way_to_be_wrong_is_found(answer: Any) -> None:
    assert faults(ROWS, answer)


def test_what_json_cannot_say_is_found_wherever_it_stands() -> None:
    identity = {"nested": [math.nan]}
    assert faults([{"id": identity}], [result(identity)])


TEXT = json.dumps(GOOD)
HTTP = {"statusCode": 200, "headers": HEADERS, "body": TEXT}


def test_each_envelope_is_opened() -> None:
    assert opened(GOOD) is GOOD
    assert opened(HTTP, "http") == GOOD
    assert opened({**HTTP, "body": GOOD}, "http_list") is GOOD


@pytest.mark.parametrize(
    "answer",
    [
        None,
        GOOD,
        TEXT,
        {},
        {"body": TEXT},
        {**HTTP, "extra": 1},
        {**HTTP, "statusCode": "200"},
        {**HTTP, "statusCode": 200.0},
        {**HTTP, "statusCode": 400},
        {**HTTP, "headers": {}},
        {**HTTP, "headers": {"Content-Type": "text/plain"}},
        {**HTTP, "body": GOOD},
        {**HTTP, "body": None},
        {**HTTP, "body": "[NaN]"},
        {**HTTP, "body": "[-Infinity]"},
    ],
)
def test_any_other_envelope_is_refused(answer: Any) -> None:
    with pytest.raises(AssertionError):
        opened(answer, "http")


def test_a_list_is_found_to_be_missing_from_its_envelope() -> None:
    assert faults(ROWS, opened(HTTP, "http_list"))
    assert faults(ROWS, opened({**HTTP, "body": "{}"}, "http"))
    assert faults(ROWS, opened(HTTP, "list"))
