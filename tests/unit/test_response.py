"""Results onto the wire, and the last look that they get."""

import json
import math
from dataclasses import replace
from typing import Any

import pytest

from reward_fn.errors import ResultError
from reward_fn.response import ENVELOPES, to_wire
from reward_fn.types.result import Metric, Result
from reward_fn.types.rollout import Rejected, Rollout
from reward_fn.types.unscored import Reason, Unscored
from tests.factory import rollout
from tests.unit.rubric import criterion, definition

SERVED = definition(criterion("Sound"), low=-1.0, high=1.0)
ENTRIES: list[Rollout | Rejected] = [
    rollout("a", index=0, id="one"),
    Rejected(1, "missing-1", Reason.BAD_ROW, "why"),
    rollout("b", index=2, id=3),
]
RESULTS = [
    Result(0, "one", 0.5, (Metric("quotes", 1.0, "Reward"), Metric("imputed", 0.0))),
    Result(
        1, "missing-1", 0.0, (), reasons=(Unscored(Reason.BAD_ROW, "a reason for the log"),), imputed=True
    ),
    Result(2, 3, -1.0, (), gate="schema", details={"schema": "a detail for the log"}),
]


def changed(place: int, **fields: Any) -> list[Result]:
    """The good results, with one of them changed."""
    return [replace(r, **fields) if r.index == place else r for r in RESULTS]


def test_the_answer_is_the_bare_list_in_order() -> None:
    assert to_wire(RESULTS, ENTRIES, SERVED) == [
        {
            "id": "one",
            "aggregate_reward_score": 0.5,
            "metrics_list": [
                {"name": "quotes", "value": 1.0, "type": "Reward"},
                {"name": "imputed", "value": 0.0, "type": "Metric"},
            ],
        },
        {"id": "missing-1", "aggregate_reward_score": 0.0, "metrics_list": []},
        {"id": 3, "aggregate_reward_score": -1.0, "metrics_list": []},
    ]


def test_an_empty_batch_is_an_empty_list() -> None:
    assert to_wire([], [], SERVED) == []


def test_reasons_and_details_stay_here() -> None:
    text = json.dumps(to_wire(RESULTS, ENTRIES, SERVED), allow_nan=False)
    assert "for the log" not in text


@pytest.mark.parametrize("reward", [math.nan, math.inf, -math.inf, 1.0000001, -1.5])
def test_a_reward_that_is_not_a_number_of_the_range_is_never_sent(reward: float) -> None:
    with pytest.raises(ResultError, match="row 2"):
        to_wire(changed(2, reward=reward), ENTRIES, SERVED)


@pytest.mark.parametrize("reward", [-1.0, 1.0, 0.0])
def test_both_ends_of_the_range_are_in_it(reward: float) -> None:
    assert to_wire(changed(0, reward=reward), ENTRIES, SERVED)[0]["aggregate_reward_score"] == reward


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_metric_that_is_not_finite_is_never_sent(value: float) -> None:
    with pytest.raises(ResultError, match="quotes"):
        to_wire(changed(0, metrics=(Metric("quotes", value),)), ENTRIES, SERVED)


@pytest.mark.parametrize(
    "results",
    [
        RESULTS[:2],
        RESULTS[1:],
        [*RESULTS, RESULTS[-1]],
        [RESULTS[1], RESULTS[0], RESULTS[2]],
        changed(0, id="two"),
        changed(1, id=None),
        changed(2, index=5),
        [],
    ],
)
def test_results_that_do_not_match_the_rows_one_to_one_are_never_sent(results: list[Result]) -> None:
    with pytest.raises(ResultError, match="one to one"):
        to_wire(results, ENTRIES, SERVED)


def test_the_error_quotes_no_metric_text_of_a_rollout() -> None:
    with pytest.raises(ResultError) as caught:
        to_wire(changed(2, reward=2.0), ENTRIES, SERVED)
    assert "one" not in str(caught.value)
    assert "for the log" not in str(caught.value)


# Envelopes

WIRE = to_wire(RESULTS, ENTRIES, SERVED)
HEADERS = {"Content-Type": "application/json"}


def test_the_envelopes_are_those_of_the_callers() -> None:
    assert [*ENVELOPES] == ["list", "http", "http_list"]


def test_the_list_goes_out_as_it_is() -> None:
    assert ENVELOPES["list"](WIRE) is WIRE


def test_http_has_the_list_as_json_text_for_its_body() -> None:
    answer = ENVELOPES["http"](WIRE)
    assert answer == {"statusCode": 200, "headers": HEADERS, "body": answer["body"]}
    assert isinstance(answer["body"], str)
    assert json.loads(answer["body"]) == WIRE


def test_http_list_has_the_list_itself_for_its_body() -> None:
    assert ENVELOPES["http_list"](WIRE) == {"statusCode": 200, "headers": HEADERS, "body": WIRE}


def test_an_empty_batch_has_its_envelope_too() -> None:
    assert ENVELOPES["list"]([]) == []
    assert ENVELOPES["http"]([]) == {"statusCode": 200, "headers": HEADERS, "body": "[]"}
    assert ENVELOPES["http_list"]([]) == {"statusCode": 200, "headers": HEADERS, "body": []}


@pytest.mark.parametrize("identity", ["é\u2028\U0001f950\x00", 10**400, {"a": [None, True, 1e-300]}, False])
def test_any_id_survives_the_body_and_the_json_around_it(identity: Any) -> None:
    wire = to_wire([Result(0, identity, 0.5, ())], [rollout(id=identity)], SERVED)
    body = json.loads(json.dumps(ENVELOPES["http"](wire)))["body"]
    assert body.isascii()
    assert json.loads(body)[0]["id"] == identity


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_body_never_holds_what_json_cannot_say(number: float) -> None:
    with pytest.raises(ResultError, match="can't be written as JSON"):
        ENVELOPES["http"]([{"id": "a", "aggregate_reward_score": number}])
