"""What an event's caller sends, and the form in which it reads the answer."""

import json
from typing import Any

import pytest

from reward_fn.errors import EventError
from reward_fn.event.parse import parse_event
from reward_fn.event.request import read_request
from reward_fn.types.result import AnswerForm
from reward_fn.types.rollout import Rejected, Rollout
from reward_fn.types.unscored import Reason
from tests.factory import row

ROLLOUT_REQUEST = {"prompt": "Q", "metadata": {"jobArn": "arn:a", "rolloutId": "r"}, "inferenceParams": {}}


def result(reward: float, **metrics: float) -> dict[str, Any]:
    found = [{"name": name, "value": value, "type": "Metric"} for name, value in metrics.items()]
    return {"id": "r", "aggregate_reward_score": reward, "metrics_list": found}


def rollouts(event: Any) -> list[Rollout]:
    found = parse_event(event)
    assert all(isinstance(entry, Rollout) for entry in found), found
    return [entry for entry in found if isinstance(entry, Rollout)]


def answer_form(event: Any) -> AnswerForm:
    answer = read_request(event).answer
    assert answer is not None
    return answer


def test_rows_are_answered_in_the_envelope_that_is_set() -> None:
    assert read_request([row()]).answer is None
    assert read_request({"records": [row()]}).answer is None


@pytest.mark.parametrize("metadata", [ROLLOUT_REQUEST["metadata"], json.dumps(ROLLOUT_REQUEST["metadata"])])
def test_a_rollout_request_is_refused_and_named(metadata: Any) -> None:
    request = {**ROLLOUT_REQUEST, "metadata": metadata}
    asked = {"messages": [{"role": "user", "content": "Q"}], "metadata": metadata}
    for event in (request, [request, request], {"body": json.dumps(request)}, asked):
        with pytest.raises(EventError, match=r"is a rollout request of SageMaker multi-turn .*adapter"):
            parse_event(event)


def test_a_rollout_request_among_rows_costs_its_own_row_alone() -> None:
    found = parse_event([row(), ROLLOUT_REQUEST])
    assert isinstance(found[0], Rollout)
    assert isinstance(found[1], Rejected)
    assert found[1].reason is Reason.NO_RESPONSE
    assert "row 1 is a rollout request" in found[1].detail


def test_a_row_with_an_answer_may_have_such_metadata() -> None:
    for sent in (row("A"), {"prompt": "Q", "completion": "A"}, {"query": "Q", "model_response": "A"}):
        (found,) = rollouts([{**sent, "metadata": ROLLOUT_REQUEST["metadata"]}])
        assert found.response == "A"


@pytest.mark.parametrize("field", ["modelResponses", "sample", "choices", "completion"])
def test_a_row_with_a_field_for_an_answer_is_not_a_rollout_request(field: str) -> None:
    (found,) = parse_event([{**ROLLOUT_REQUEST, field: None}])
    assert isinstance(found, Rejected)
    assert found.detail.startswith("row 0 has no assistant turn")


@pytest.mark.parametrize("several", [False, True])
def test_a_metric_s_data_are_rows(several: bool) -> None:
    data = {"prompt": "Q", "inference_output": "A", "gold": "18", "system": "S", "id": "x"}
    (found,) = rollouts({"process_type": "postprocess", "data": [data] if several else data})
    assert (found.id, found.prompt, found.response) == ("x", "[system]\nS\n\nQ", "A")
    assert found.reference_answer == "18"


def test_a_metric_s_row_needs_no_prompt() -> None:
    (found,) = rollouts({"process_type": "postprocess", "data": {"inference_output": "A", "gold": "18"}})
    assert (found.prompt, found.response, found.reference_answer) == ("", "A", "18")


def test_a_metric_is_answered_with_the_reward_and_every_metric_averaged() -> None:
    form = answer_form({"process_type": "postprocess", "data": [{}]})
    # reward (1 + 0) / 2; "correct" is there in both rows, "late" in the second alone
    assert form([result(1.0, correct=1.0), result(0.0, correct=0.5, late=1.0)]) == {
        "statusCode": 200,
        "body": [
            {"metric": "aggregate_reward_score", "value": 0.5},
            {"metric": "correct", "value": 0.75},
            {"metric": "late", "value": 1.0},
        ],
    }


@pytest.mark.parametrize("data", [{"prompt": "Q", "gold": "18"}, [{"prompt": "Q"}]])
def test_preprocessing_gives_the_data_back_as_they_are(data: Any) -> None:
    event = {"process_type": "preprocess", "data": data}
    assert parse_event(event) == []
    assert answer_form(event)([]) == {"statusCode": 200, "body": data}


@pytest.mark.parametrize(
    ("event", "named"),
    [
        ({"process_type": "postprocess", "data": "x"}, "data is a string; send an object"),
        ({"process_type": "postprocess", "data": []}, "data is an array; send an object"),
        ({"process_type": "both", "data": {}}, 'process_type must be "preprocess" or'),
        ({"preds": "A", "golds": []}, "preds is a string without an entry"),
        ({"preds": []}, "preds is an array without an entry"),
        ({"preds": ["A"], "golds": []}, "golds is 0 entries, and preds has 1"),
        ({"preds": ["A"], "golds": "18"}, "golds is a string, and preds has 1"),
        ({"prompts": [], "completions": []}, "arguments of a TRL reward function: send one row"),
    ],
)
def test_a_request_in_a_wrong_shape_is_refused_with_its_remedy(event: Any, named: str) -> None:
    with pytest.raises(EventError, match="send") as caught:
        parse_event(event)
    assert named in str(caught.value)


def test_an_unknown_process_type_is_refused_with_the_two_that_are_known() -> None:
    with pytest.raises(EventError) as caught:
        parse_event({"process_type": "both", "data": {}})
    assert str(caught.value) == 'process_type must be "preprocess" or "postprocess"; send one of them'


@pytest.mark.parametrize("fields", [{}, {"golds": None}, {"kwargs": ["x"]}, {"kwargs": None}])
def test_predictions_without_golds_have_no_reference_and_only_an_object_is_metadata(
    fields: dict[str, Any],
) -> None:
    found = rollouts({"preds": ["A", "B"], **fields})
    assert [(each.response, each.reference_answer, each.metadata) for each in found] == [
        ("A", None, {}),
        ("B", None, {}),
    ]


def test_predictions_are_scored_against_their_golds_and_answered_with_scores() -> None:
    event = {"preds": ["A", "B"], "golds": ["18", None], "kwargs": {"level": 2}}
    first, second = rollouts(event)
    assert (first.response, first.reference_answer, first.metadata) == ("A", "18", {"level": 2})
    assert second.reference_answer is None
    assert answer_form(event)([result(1.0), result(0.5)]) == {"score": 0.75, "scores": [1.0, 0.5]}


CLOUD_RUN = {
    "example": {
        "contents": [{"role": "user", "parts": [{"text": "Q"}]}],
        "systemInstruction": {"parts": [{"text": "S"}]},
        "references": {"answer": "18"},
        "topic": "sums",
    },
    "response": {"parts": [{"text": "A"}]},
    "metadata": {"step": 1},
}


@pytest.mark.parametrize("wrapped", [False, True])
def test_geminis_cloud_run_body_is_one_row_and_answered_by_one_reward(wrapped: bool) -> None:
    event = {"body": json.dumps(CLOUD_RUN)} if wrapped else CLOUD_RUN
    (found,) = rollouts(event)
    assert (found.prompt, found.response) == ("[system]\nS\n\nQ", "A")
    assert found.reference_answer == {"answer": "18"}
    assert found.metadata == {"topic": "sums", "step": 1}
    answer = answer_form(event)([result(0.5, correct=1.0)])
    assert answer == {"reward": 0.5, "user_requested_aux_info": '{"correct": 1.0}'}


def test_the_whole_event_may_be_json_text() -> None:
    (found,) = rollouts(json.dumps([row("A")]))
    assert found.response == "A"
    assert answer_form(json.dumps(CLOUD_RUN))([result(1.0)])["reward"] == 1.0
    with pytest.raises(EventError, match=r"^the event is not JSON \(JSONDecodeError\); send a JSON array$"):
        parse_event("[")


NO_BATCH = (
    'the event is an object, not a batch: send a JSON array of rollouts, [{"id": …, "messages": […]}, …], '
    "or an object that holds one under input, batch, samples, trajectories, records, body"
)
TRL_REMEDY = (
    "; these are the arguments of a TRL reward function: send one row for each completion, "
    '{"prompt": …, "completion": …} with its other columns'
)


@pytest.mark.parametrize(
    ("event", "message"),
    [({"rows": []}, NO_BATCH), ({"prompts": [], "completions": []}, NO_BATCH + TRL_REMEDY)],
)
def test_an_event_without_a_batch_is_told_what_to_send(event: Any, message: str) -> None:
    with pytest.raises(EventError) as caught:
        parse_event(event)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "event",
    [
        {"item": {"prompt": "Q"}, "sample": {"output_text": "A"}},
        {"contents": [{"parts": [{"text": "Q"}]}, {"role": "model", "parts": [{"text": "A"}]}]},
        {
            "messages": [{"role": "user", "content": "Q"}],
            "choices": [{"message": {"role": "assistant", "content": "A"}}],
        },
    ],
    ids=["item", "contents", "choices"],
)
def test_a_single_row_of_another_service_needs_no_list_around_it(event: Any) -> None:
    (found,) = rollouts(event)
    assert (found.prompt, found.response) == ("Q", "A")


def test_a_string_within_strings_comes_to_an_end() -> None:
    text = json.dumps([row("A")])
    for _ in range(6):
        text = json.dumps(text)
    with pytest.raises(EventError, match="is a string, not a batch"):
        parse_event(text)
