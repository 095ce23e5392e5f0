"""Replies that a careful client must reject: truncated, malformed, refused, incomplete, or with a NaN."""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rewardctl.emulate.request import CHARS_PER_TOKEN, ConverseRequest, Form
from rewardctl.emulate.settings import Fault
from rewardctl.emulate.wire import Reply, structured_reply, text_reply

WITHOUT_JUDGE = {
    Fault.REFUSAL: text_reply("I'm sorry, but I can't assess this. Please ask a person instead.", "end_turn"),
    Fault.FILTERED: text_reply("The content filter stopped this answer.", "content_filtered"),
    Fault.GUARDRAIL: text_reply("A guardrail stopped this answer.", "guardrail_intervened"),
}
"""The replies of those faults that need no verdicts."""


@dataclass(frozen=True, slots=True)
class Spot:
    """The place of one verdict in an answer: ``holder[key]`` is an object that holds no other object.

    An item whose verdicts have no evidence is such an object too; its holder is a list. ``key`` is "" if the
    whole answer is that object.
    """

    holder: Any
    key: Any

    @property
    def leaf(self) -> dict[str, Any]:
        """The object with the verdict and its evidence."""
        leaf: dict[str, Any] = self.holder[self.key]
        return leaf

    @property
    def verdict_key(self) -> str:
        """The key of the verdict in the leaf: "verdict", else the last key."""
        return "verdict" if "verdict" in self.leaf else list(self.leaf)[-1]


def broken_reply(fault: Fault, request: ConverseRequest, payload: str, variant: int, call_id: str) -> Reply:
    """The reply of a fault that is answered with status 200; ``payload`` is the correct answer as JSON."""
    if fault in WITHOUT_JUDGE:
        return WITHOUT_JUDGE[fault]
    if fault is Fault.TRUNCATED:
        return truncated(request, payload, call_id)
    value = json.loads(payload)
    spots = find_spots(value)
    if not spots:
        return structured_reply(request, _unreadable(request, value), call_id)
    spot, form = spots[variant % len(spots)], variant // len(spots)
    if fault is Fault.MALFORMED:
        broken = _MALFORMATIONS[form % len(_MALFORMATIONS)](request, value, spot)
        if broken is None:
            return _given_up(request)
        return structured_reply(request, broken, call_id)
    if fault is Fault.NAN:
        spot.leaf[spot.verdict_key] = (math.nan, 1.5)[form % 2]
    else:
        _remove(spot)
    return structured_reply(request, json.dumps(value), call_id)


def truncated(request: ConverseRequest, payload: str, call_id: str, max_tokens: int | None = None) -> Reply:
    """The first half of an answer, or as much of its text as ``max_tokens`` allows."""
    if request.form is not Form.TOOL:
        kept = len(payload) // 2 if max_tokens is None else max_tokens * CHARS_PER_TOKEN
        return text_reply(payload[:kept], "max_tokens")
    value = json.loads(payload)
    spots = find_spots(value)
    for spot in reversed(spots[(len(spots) + 1) // 2 :]):
        del spot.holder[spot.key]
    if spots:
        last = spots[(len(spots) - 1) // 2]
        del last.leaf[last.verdict_key]
    return structured_reply(request, json.dumps(value), call_id, "max_tokens")


def find_spots(value: Any) -> list[Spot]:
    """All verdicts of an answer, in order."""
    spots: list[Spot] = []
    _collect({"": value}, spots)
    return spots


def _collect(holder: Any, spots: list[Spot]) -> None:
    for key, value in holder.items() if isinstance(holder, dict) else enumerate(holder):
        if not isinstance(value, dict | list) or not value:
            continue
        parts = value.values() if isinstance(value, dict) else value
        if any(isinstance(part, dict | list) for part in parts):
            _collect(value, spots)
        elif isinstance(value, dict):
            spots.append(Spot(holder, key))


def _remove(spot: Spot) -> None:
    """Remove one criterion, or the verdict itself if the answer is a single verdict."""
    if spot.key != "":
        del spot.holder[spot.key]
    else:
        del spot.leaf[spot.verdict_key]


def _off_the_menu(_request: ConverseRequest, value: Any, spot: Spot) -> str:
    spot.leaf[spot.verdict_key] = "rather yes, I should think"
    return json.dumps(value)


def _wrong_type(_request: ConverseRequest, value: Any, spot: Spot) -> str:
    """A list instead of an object, or instead of the whole answer if that is a single verdict."""
    if spot.key == "":
        return json.dumps([value])
    spot.holder[spot.key] = list(spot.leaf.values())
    return json.dumps(value)


def _unknown_name(_request: ConverseRequest, value: Any, spot: Spot) -> str:
    """One criterion, or one entry of a single verdict, under an unknown name."""
    named = isinstance(spot.key, str) and spot.key
    holder, key = (spot.holder, spot.key) if named else (spot.leaf, spot.verdict_key)
    holder[f"Not_{key}"] = holder.pop(key)
    return json.dumps(value)


def _unreadable(request: ConverseRequest, value: Any, _spot: Spot | None = None) -> str:
    """JSON that ends in a comma; as a tool's input, a string that holds this text."""
    text = json.dumps(value)[:-1] + ","
    return json.dumps(text) if request.form is Form.TOOL else text


def _no_answer(_request: ConverseRequest, _value: Any, _spot: Spot) -> None:
    """No answer: the service itself could not parse the model's output."""


def _given_up(request: ConverseRequest) -> Reply:
    reason = "malformed_tool_use" if request.form is Form.TOOL else "malformed_model_output"
    return text_reply("The model's output could not be read.", reason)


_MALFORMATIONS: tuple[Callable[[ConverseRequest, Any, Spot], str | None], ...] = (
    _off_the_menu,
    _wrong_type,
    _unknown_name,
    _unreadable,
    _no_answer,
)
