"""Read a row in any caller's form: its turns, its response, its reference and its metadata.

The forms are listed in ``events/README.md``, each with example events.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from reward_fn.event.turns import RESPONSE_ROLES, Turn, Unusable, flatten, kind_of, read_turn
from reward_fn.text.encoded import decoded
from reward_fn.types.rollout import Message

OTHER_RESPONSE_ROLES = frozenset({"model", "bot"})
"""The response's role in Gemini and in some chat templates; used if no turn has an assistant's role."""

GENERATED = ("completion", "generated_text", "response", "solution_str", "inference_output")
"""Fields beside ``prompt`` that may hold a generated answer; the first one present counts."""

GOLD_COLUMNS = ("ground_truth", "solution", "answer")
"""Columns with the right answer in data sets for TRL and in arguments of verl's ``compute_score``."""

REMEDY = 'send a list of {"role": …, "content": …}'


class Turns(NamedTuple):
    """A row's conversation.

    ``before`` are the turns before the response. ``response`` is the turn to score; None if there is none, as
    in a raw data set row. ``field`` is the row's field with the response if that is not a list of turns.
    ``scored`` is true for a custom scorer's ``model_response``.
    """

    before: tuple[Message, ...]
    response: Turn | None
    field: str = ""
    scored: bool = False


def read_turns(row: Mapping[str, Any]) -> Turns:
    """The conversation in ``messages``, with the question from another field if it holds only the answer.

    The response is the last assistant turn of ``messages``; else ``model_response``, the one entry of
    ``modelResponses``, or a generated text beside ``prompt``; else the turn that ends ``prompt``, if that is
    an assistant's. Raises :class:`Unusable`.
    """
    sent = decoded(row.get("messages"))
    turns = [] if sent is None else read_conversation(sent, "messages")
    last = _last_response(turns)
    question = turns[:last] or _question(row)
    before = _messages(question)
    if last is not None:
        return Turns(before, turns[last])
    if "model_response" in row:
        answer = _generated(row["model_response"], "model_response")
        return Turns(before, answer, "model_response", scored=True)
    if field := _generated_field(row):
        return Turns(before, _generated(_only_reply(row[field], field), field), field)
    if question and not turns and question[-1].role in RESPONSE_ROLES:
        return Turns(before[:-1], question[-1])
    if not before and sent is None:
        raise Unusable(f"no messages; {REMEDY}")
    return Turns(before, None)


def _last_response(turns: Sequence[Turn]) -> int | None:
    """The index of the last turn with a response's role, None if there is none."""
    for roles in (RESPONSE_ROLES, OTHER_RESPONSE_ROLES):
        if places := [i for i, turn in enumerate(turns) if turn.role in roles]:
            return places[-1]
    return None


def _messages(turns: Sequence[Turn]) -> tuple[Message, ...]:
    return tuple(Message(turn.role, turn.text) for turn in turns)


def _question(row: Mapping[str, Any]) -> list[Turn]:
    """The question from a field beside the answer: verl's ``prompt``, a custom scorer's ``query``."""
    place = "query" if row.get("prompt") is None else "prompt"
    question = row.get(place)
    question = conversation if _is_conversation(conversation := decoded(question)) else question
    if question is None or question == []:
        return []
    if _is_conversation(question):
        return read_conversation(question, place)
    system = row.get("system") if "inference_output" in row else None
    before = [Turn("system", system)] if isinstance(system, str) and system else []
    return [*before, Turn("user", flatten(question, place))]


def _is_conversation(value: Any) -> bool:
    """Whether a value is a list of messages. OpenAI's output items of type ``message`` are blocks."""
    parts = [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []
    return any("role" in part for part in parts) and not any(part.get("type") == "message" for part in parts)


def read_conversation(sent: Any, place: str) -> list[Turn]:
    """The turns of a list of messages. Raises :class:`Unusable`."""
    if not isinstance(sent, list):
        raise Unusable(f"{place} is {kind_of(sent)}; {REMEDY}")
    return [read_turn(message, f"{place}[{number}]") for number, message in enumerate(sent)]


def _generated_field(row: Mapping[str, Any]) -> str | None:
    """The field with a row's generated answer, None if no field holds one.

    A row without ``prompt`` has one only if it belongs to a metric: a custom scorer's row has ``query``, and
    its ``response`` is the gold answer.
    """
    fields = ("modelResponses", *GENERATED) if row.get("prompt") is not None else ("inference_output",)
    return next((field for field in fields if row.get(field) is not None), None)


def _only_reply(value: Any, field: str) -> Any:
    """The field's value; for a Bedrock evaluation row the response of its single ``modelResponses`` entry."""
    if field != "modelResponses":
        return value
    if not isinstance(value, list) or len(value) != 1 or not isinstance(value[0], dict):
        count = f"{len(value)} entries" if isinstance(value, list) else kind_of(value)
        raise Unusable(f"modelResponses is {count}; send one row for each response")
    return value[0].get("response")


def _generated(value: Any, field: str) -> Turn:
    """The turn of a generated answer: a text, blocks, a message, or generated messages (TRL)."""
    if _is_conversation(value):
        turns = read_conversation(value, field)
        last = _last_response(turns)
        if last is None:
            raise Unusable(f"{field} has no assistant turn; {REMEDY}")
        return turns[last]
    is_message = isinstance(value, dict) and ("content" in value or "parts" in value)
    message = value if is_message else {"content": value}
    return read_turn({"role": "assistant", **message}, field, within="" if is_message else field)


def read_reference(row: Mapping[str, Any], metadata: Mapping[str, Any], *, scored: bool) -> Any:
    """The reference as sent, from the first place with one; None if there is none.

    The places are the row, its metadata, verl's ``reward_model.ground_truth`` and ``extra_info.answer``, a
    Bedrock evaluation row's ``referenceResponse``, the ``gold`` of a metric's row, ``GOLD_COLUMNS`` of a row
    of TRL or verl and, for a row ``scored`` by a custom scorer, its gold answer ``response``.
    """
    sent = (
        row.get("reference_answer"),
        metadata.get("reference_answer"),
        _inside(row, "reward_model", "ground_truth"),
        _inside(row, "extra_info", "answer"),
        row.get("referenceResponse") if "modelResponses" in row else None,
        row.get("gold") if "inference_output" in row else None,
        *(row.get(column) for column in GOLD_COLUMNS if "completion" in row or "solution_str" in row),
    )
    reference = next((value for value in sent if value is not None), None)
    return _gold(reference, row.get("response")) if scored else reference


def _inside(row: Mapping[str, Any], field: str, key: str) -> Any:
    value = decoded(row.get(field))
    return value.get(key) if isinstance(value, dict) else None


def _gold(reference: Any, response: Any) -> Any:
    """The reference of a custom scorer, which sends ``{"text": …}``; ``response`` if the text is blank."""
    wrapped = decoded(reference)
    if isinstance(wrapped, dict) and wrapped.keys() <= {"type", "text"}:
        reference = wrapped.get("text")
    is_blank = reference is None or (isinstance(reference, str) and not reference.strip())
    return response if is_blank and response is not None else reference


def read_metadata(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """A row's ``metadata``, an object or its JSON text; {} for none. Raises :class:`Unusable`."""
    metadata = decoded(row.get("metadata") or {})
    if not isinstance(metadata, dict):
        raise Unusable(f"metadata is {kind_of(metadata)}; send an object")
    return metadata
