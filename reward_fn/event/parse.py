"""Parse a raw event into rollouts; :mod:`reward_fn.event.rows` reads each row.

A row that can't be scored becomes a :class:`Rejected` at its index; other rows are not affected.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from reward_fn.event.foreign_rows import ROLLOUT_REQUEST, as_row, is_rollout_request
from reward_fn.event.request import read_request
from reward_fn.event.rows import read_metadata, read_reference, read_turns
from reward_fn.event.turns import Unusable, kind_of
from reward_fn.text.bounded_json import deeper_than
from reward_fn.text.encoded import MAX_DEPTH
from reward_fn.types.rollout import Rejected, Rollout
from reward_fn.types.unscored import Reason

_NOT_METADATA = frozenset({"id", "messages", "reference_answer", "metadata"})
_KEY = re.compile(r"[A-Za-z_]\w{0,40}")
MAX_KEYS_NAMED = 12
_ENCODER = json.JSONEncoder(allow_nan=False, ensure_ascii=False)


def parse_event(event: Any) -> list[Rollout | Rejected]:
    """One entry for each row, in order.

    Raises :class:`EventError` if the event holds no batch, so that there is nothing to answer.
    """
    return parse_rows(read_request(event).rows)


def parse_rows(rows: Sequence[Any]) -> list[Rollout | Rejected]:
    """One entry for each row, in order."""
    return [_parse_row(row, index) for index, row in enumerate(rows)]


def _parse_row(row: Any, index: int) -> Rollout | Rejected:
    if not isinstance(row, dict):
        detail = f"row {index} is {kind_of(row)}; send an object with id and messages"
        return Rejected(index, f"missing-{index}", Reason.BAD_ROW, detail)
    identity = _identity(row.get("id"), index)
    if deeper_than(MAX_DEPTH, row):
        return Rejected(index, identity, Reason.BAD_ROW, f"row {index} is nested deeper than {MAX_DEPTH}")
    try:
        return _read_row(as_row(row), identity, index)
    except Unusable as fault:
        return Rejected(index, identity, Reason.BAD_ROW, f"row {index}: {fault}")


def _read_row(row: Mapping[str, Any], identity: Any, index: int) -> Rollout | Rejected:
    """The rollout, or the reason why there is nothing to score. Raises :class:`Unusable`."""
    turns, metadata = read_turns(row), read_metadata(row)
    if turns.response is None:
        return Rejected(index, identity, Reason.NO_RESPONSE, f"row {index} {_without_response(row)}")
    hidden = _NOT_METADATA | ({turns.field} if turns.field else set())
    return Rollout(
        index=index,
        id=identity,
        messages=turns.before,
        response=turns.response.text,
        reference_answer=read_reference(row, metadata, scored=turns.scored),
        metadata={**{k: v for k, v in row.items() if k not in hidden}, **metadata},
        tool_calls=turns.response.tool_calls,
    )


def _without_response(row: Mapping[str, Any]) -> str:
    """Why a row has nothing to score; the message lists its keys, which identify an unknown form."""
    if is_rollout_request(row):
        return f"is {ROLLOUT_REQUEST}"
    keys = [key for key in row if _KEY.fullmatch(str(key))][:MAX_KEYS_NAMED]
    return (
        f"has no assistant turn, so there is nothing to score (a raw data set row?); "
        f"its keys are {', '.join(keys)}"
    )


def _identity(value: Any, index: int) -> Any:
    """The id as sent, or ``missing-<index>`` if it is missing, null or can't be written as JSON.

    It is encoded at the depth that it has in the deepest envelope, ``{"body": [{"id": …}]}``.
    """
    try:
        if value is not None and _ENCODER.encode([[[value]]]).encode():
            return value
    except (ValueError, RecursionError):  # NaN, a lone surrogate, bottomless nesting
        pass
    return f"missing-{index}"
