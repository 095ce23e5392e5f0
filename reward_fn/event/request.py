"""The rows of an event, and the form in which its caller reads the answer.

Most callers send rows, in a list or a wrapper, and read the envelope that RESPONSE_ENVELOPE names. Some send
an object of their own and read one: their answer's form is part of the request.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from reward_fn.errors import EventError
from reward_fn.event.foreign_rows import ROLLOUT_REQUEST, is_gemini, is_plain, is_rollout_request, is_row
from reward_fn.event.turns import kind_of
from reward_fn.types.result import AnswerForm, WireResults

WRAPPERS = ("input", "batch", "samples", "trajectories", "records", "body")
MAX_WRAPPERS = 3


class Request(NamedTuple):
    """``rows`` as they came; ``answer`` puts their results into the caller's own form, None for the envelope
    that is set."""

    rows: Sequence[Any]
    answer: AnswerForm | None = None


def read_request(event: Any) -> Request:
    """Take an event out of its wrappers.

    Raises :class:`EventError` if it holds no batch, since then nothing can be answered.
    """
    request = _opened(event, 0)
    if request.rows and all(map(is_rollout_request, request.rows)):
        raise EventError(f"the event is {ROLLOUT_REQUEST}")
    return request


def _opened(event: Any, depth: int) -> Request:
    if isinstance(event, list):
        return Request(event)
    if isinstance(event, str | bytes) and depth <= MAX_WRAPPERS:
        return _opened(_loaded(event, "the event" if depth == 0 else "the event's body"), depth + 1)
    if isinstance(event, dict) and depth < MAX_WRAPPERS:
        for matches, read in _CALLERS:
            if matches(event) and not is_plain(event):
                return read(event)
        if is_row(event):
            return Request([event])
        if wrapped := [event[key] for key in WRAPPERS if key in event]:
            return _opened(next((inner for inner in wrapped if inner is not None), None), depth + 1)
        if "query" in event:  # a custom scorer's data set row, in a trainer's check before training
            return Request([event])
    raise EventError(_no_batch(event))


def _no_batch(event: Any) -> str:
    hint = ""
    if isinstance(event, dict) and {"prompts", "completions"} <= event.keys():
        hint = (
            "; these are the arguments of a TRL reward function: send one row for each completion, "
            '{"prompt": …, "completion": …} with its other columns'
        )
    return (
        f"the event is {kind_of(event)}, not a batch: send a JSON array of rollouts, "
        f'[{{"id": …, "messages": […]}}, …], or an object that holds one under {", ".join(WRAPPERS)}{hint}'
    )


def _loaded(text: str | bytes, what: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise EventError(f"{what} is not JSON ({type(error).__name__}); send a JSON array") from error


def _metrics(event: Mapping[str, Any]) -> Request:
    """SageMaker's evaluation with ``lambda_type: custom_metrics``: rows to measure, or to leave alone."""
    data = event.get("data")
    rows = data if isinstance(data, list) else [data]
    if not rows or not all(isinstance(row, dict) for row in rows):
        raise EventError(f"data is {kind_of(data)}; send an object with prompt, inference_output and gold")
    if event["process_type"] == "preprocess":
        return Request([], lambda _: {"statusCode": 200, "body": data})
    if event["process_type"] != "postprocess":
        raise EventError('process_type is neither "preprocess" nor "postprocess"; send one of them')
    return Request(rows, _as_metrics)


def _as_metrics(results: WireResults) -> dict[str, Any]:
    """The reward and each entry of ``metrics_list``; of several rows the mean of those that have it."""
    values: dict[str, list[float]] = {}
    for result in results:
        values.setdefault("aggregate_reward_score", []).append(result["aggregate_reward_score"])
        for metric in result["metrics_list"]:
            values.setdefault(metric["name"], []).append(metric["value"])
    body = [{"metric": name, "value": _mean(found)} for name, found in values.items()]
    return {"statusCode": 200, "body": body}


def _predictions(event: Mapping[str, Any]) -> Request:
    """Bedrock Advanced Prompt Optimization: ``preds`` against ``golds``; ``kwargs`` become the metadata."""
    preds, golds, kwargs = event["preds"], event.get("golds"), event.get("kwargs") or {}
    if not isinstance(preds, list) or not preds:
        raise EventError(f"preds is {kind_of(preds)} without an entry; send a list of texts")
    golds = [None] * len(preds) if golds is None else golds
    if not isinstance(golds, list) or len(golds) != len(preds):
        count = f"{len(golds)} entries" if isinstance(golds, list) else kind_of(golds)
        raise EventError(f"golds is {count}, and preds has {len(preds)}; send one gold for each")
    metadata = kwargs if isinstance(kwargs, dict) else {}
    rows = [
        {"messages": [{"role": "assistant", "content": pred}], "reference_answer": gold, "metadata": metadata}
        for pred, gold in zip(preds, golds, strict=True)
    ]
    return Request(rows, _as_scores)


def _as_scores(results: WireResults) -> dict[str, Any]:
    scores = [result["aggregate_reward_score"] for result in results]
    return {"score": _mean(scores), "scores": scores}


def _cloud_run(event: Mapping[str, Any]) -> Request:
    """Gemini's reinforcement tuning with a reward service on Cloud Run: one row a request."""
    return Request([event], _as_reward)


def _as_reward(results: WireResults) -> dict[str, Any]:
    (result,) = results
    metrics = {metric["name"]: metric["value"] for metric in result["metrics_list"]}
    return {"reward": result["aggregate_reward_score"], "user_requested_aux_info": json.dumps(metrics)}


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


_CALLERS: tuple[tuple[Callable[[Mapping[str, Any]], bool], Callable[[Mapping[str, Any]], Request]], ...] = (
    (lambda event: "process_type" in event and "data" in event, _metrics),
    (lambda event: "preds" in event, _predictions),
    (is_gemini, _cloud_run),
)
"""The callers with a form of their own: how to tell each, and how to read it."""
