"""A raw event into rollouts: the batch out of its wrapper, each row read by :mod:`reward_fn.forms`.

All probing of shapes lives in these two modules, and only here. A row that can't be scored becomes a
:class:`Rejected` in its place and never disturbs its neighbours.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from reward_fn.errors import EventError
from reward_fn.forms import MAX_DEPTH, Unusable, kind_of, read_reference, read_turns
from reward_fn.rubric import Reason
from reward_fn.text.bounded_json import deeper_than
from reward_fn.types import Rejected, Rollout

WRAPPERS = ("input", "batch", "samples", "trajectories", "body")
MAX_WRAPPERS = 3
ROW_KEYS = ("messages", "prompt", "model_response")
"""An object with one of these is a row and no wrapper, whatever its other fields are called."""

_NOT_METADATA = frozenset({"id", "messages", "reference_answer", "metadata"})


def parse_event(event: Any) -> list[Rollout | Rejected]:
    """One entry for each row, in order.

    Raises :class:`EventError` where the event holds no batch at all: nothing could be answered then.
    """
    return [_parse_row(row, index) for index, row in enumerate(_rows(event))]


def _rows(event: Any, depth: int = 0) -> Sequence[Any]:
    if isinstance(event, list):
        return event
    if isinstance(event, str | bytes) and depth:
        return _rows(_loaded(event), depth + 1)
    if isinstance(event, dict) and depth < MAX_WRAPPERS:
        if any(key in event for key in ROW_KEYS):
            return [event]
        if wrapped := [event[key] for key in WRAPPERS if key in event]:
            return _rows(next((inner for inner in wrapped if inner is not None), None), depth + 1)
        if "query" in event:  # a custom scorer's data set row, in a trainer's check before training
            return [event]
    raise EventError(
        f"the event is {kind_of(event)}, not a batch: send a JSON array of rollouts, "
        f'[{{"id": …, "messages": […]}}, …], or an object that holds one under {", ".join(WRAPPERS)}'
    )


def _loaded(body: str | bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise EventError(f"the event's body is not JSON ({type(error).__name__})") from error


def _parse_row(row: Any, index: int) -> Rollout | Rejected:
    if not isinstance(row, dict):
        detail = f"row {index} is {kind_of(row)}; send an object with id and messages"
        return Rejected(index, f"missing-{index}", Reason.BAD_ROW, detail)
    identity = _identity(row.get("id"), index)
    if deeper_than(MAX_DEPTH, row):
        return Rejected(index, identity, Reason.BAD_ROW, f"row {index} is nested deeper than {MAX_DEPTH}")
    try:
        turns, metadata = read_turns(row), _metadata(row)
    except Unusable as fault:
        return Rejected(index, identity, Reason.BAD_ROW, f"row {index}: {fault}")
    if turns.response is None:
        detail = f"row {index} has no assistant turn, so there is nothing to score (a raw data set row?)"
        return Rejected(index, identity, Reason.NO_RESPONSE, detail)
    return Rollout(
        index=index,
        id=identity,
        messages=turns.before,
        response=turns.response,
        reference_answer=read_reference(row, metadata, scored=turns.scored),
        metadata={**{k: v for k, v in row.items() if k not in _NOT_METADATA}, **metadata},
    )


def _identity(value: Any, index: int) -> Any:
    """The id as sent, or ``missing-<index>`` for one that is missing, null or not expressible in JSON.

    It is tried as far down as it will stand in an answer, whatever the envelope.
    """
    try:
        wire = json.dumps({"body": [{"id": value}]}, allow_nan=False, ensure_ascii=False)
        if value is not None and wire.encode():
            return value
    except (ValueError, RecursionError):  # NaN, a lone surrogate, bottomless nesting
        pass
    return f"missing-{index}"


def _metadata(row: Mapping[str, Any]) -> Mapping[str, Any]:
    metadata = row.get("metadata") or {}
    if not isinstance(metadata, dict):
        raise Unusable(f"metadata is {kind_of(metadata)}; send an object")
    return metadata
