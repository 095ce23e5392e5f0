"""Rewrite rows in the form of other services' graders as rows in the trainers' form.

OpenAI's graders get ``{"item", "sample"}``; Gemini's Cloud Run reward gets
``{"example", "response", "metadata"}``.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from reward_fn.event.rows import GENERATED
from reward_fn.event.turns import RESPONSE_ROLES, Unusable, kind_of
from reward_fn.text.encoded import decoded

ROW_KEYS = ("messages", "prompt", "model_response")
"""An object with one of these keys is a row and not a wrapper, whatever its other keys."""


def is_row(event: Mapping[str, Any]) -> bool:
    """Whether an object without a list around it is a single row."""
    return is_plain(event) or is_gemini(event) or is_openai(event) or has_contents(event)


def is_plain(row: Mapping[str, Any]) -> bool:
    """Whether a row is in the trainers' form, so that its other fields are columns of the data set."""
    return any(key in row for key in ROW_KEYS)


def is_gemini(row: Mapping[str, Any]) -> bool:
    """Whether a row is the body that Gemini's tuning sends to a Cloud Run reward service."""
    return isinstance(row.get("example"), dict) and "response" in row and not is_plain(row)


def is_openai(row: Mapping[str, Any]) -> bool:
    """Whether a row is the input of an OpenAI grader."""
    both_are_objects = isinstance(row.get("item"), dict) and isinstance(row.get("sample"), dict)
    return both_are_objects and not is_plain(row)


def has_contents(row: Mapping[str, Any]) -> bool:
    """Whether a row holds its conversation as Gemini's ``contents``."""
    contents = row.get("contents")
    has_parts = isinstance(contents, list) and any(isinstance(c, dict) and "parts" in c for c in contents)
    return has_parts and not is_plain(row)


def is_rollout_request(row: Any) -> bool:
    """Whether a row asks an agent for a rollout, as SageMaker's multi-turn training does, without an
    answer."""
    metadata = decoded(row.get("metadata")) if isinstance(row, dict) else None
    if not isinstance(metadata, dict) or not {"jobArn", "rolloutId"} <= metadata.keys():
        return False
    answers = ("model_response", "modelResponses", "sample", "choices", *GENERATED)
    return not _is_answered(row) and not any(field in row for field in answers)


ROLLOUT_REQUEST = (
    "a rollout request of SageMaker multi-turn training (metadata.jobArn, metadata.rolloutId): it asks an "
    "agent to answer the prompt, and has no answer to score. Such jobs call no reward Lambda: set the "
    "agent's Lambda or AgentCore endpoint in AgentConfig, and let that agent's adapter score its answer "
    'by this package and return {"reward": r}'
)
"""The message for such a row."""


def as_row(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """A row in the trainers' form: the row itself, or a foreign row rewritten. Raises :class:`Unusable`."""
    if is_gemini(row):
        return _from_gemini(row)
    if is_openai(row):
        return _from_openai(row)
    if has_contents(row):
        return {**_without(row, "contents"), "messages": _gemini_turns(row)}
    if "choices" in row and not _is_answered(row) and "message" in (choice := _only_choice(row["choices"])):
        return _with_answer(_without(row, "choices"), choice["message"])
    return row


def _is_answered(row: Mapping[str, Any]) -> bool:
    """Whether the row's own messages end with an answer."""
    messages = decoded(row.get("messages"))
    last = messages[-1] if isinstance(messages, list) and messages else None
    return isinstance(last, dict) and last.get("role") in RESPONSE_ROLES


def _from_gemini(row: Mapping[str, Any]) -> dict[str, Any]:
    example, answer = row["example"], row["response"]
    message = answer if isinstance(answer, dict) else {"content": answer}
    turns = [*_gemini_turns(example), {**message, "role": "model"}]
    metadata = decoded(row.get("metadata"))
    return {
        **_without(row, "example", "response"),
        "messages": turns,
        "reference_answer": example.get("references"),
        "metadata": {
            **_without(example, "contents", "systemInstruction", "references"),
            **(metadata if isinstance(metadata, dict) else {}),
        },
    }


def _gemini_turns(example: Mapping[str, Any]) -> list[Any]:
    """The turns of ``systemInstruction`` and ``contents``; a turn without a role is a user turn.

    Raises :class:`Unusable` for ``contents`` that are not a list, which only an ``example`` can have.
    """
    contents, system = decoded(example.get("contents")), example.get("systemInstruction")
    if not isinstance(contents, list):
        raise Unusable(f'example.contents is {kind_of(contents)}; send a list of {{"role": …, "parts": …}}')
    before = [{**system, "role": "system"}] if isinstance(system, dict) else []
    return before + [{"role": "user", **turn} if isinstance(turn, dict) else turn for turn in contents]


def _from_openai(row: Mapping[str, Any]) -> dict[str, Any]:
    """``item`` is the data set's row; it is also the reference if it has no ``reference_answer``."""
    item, sample = row["item"], row["sample"]
    answer = {"role": "assistant", "content": sample.get("output_text")}
    if isinstance(sample.get("output_tools"), list):
        answer["tool_calls"] = sample["output_tools"]
    base = {**_without(row, "item", "sample"), **item}
    base.setdefault("reference_answer", _without(item, "messages", "prompt", "id"))
    if "output_text" not in sample:
        return base
    return _with_answer(base, answer)


def _with_answer(row: Mapping[str, Any], answer: Any) -> dict[str, Any]:
    """The row with ``answer`` as the last turn of its messages, or beside its prompt."""
    messages = decoded(row.get("messages"))
    if isinstance(messages, list):
        return {**row, "messages": [*messages, answer]}
    return {**row, "messages": [answer]}


def _only_choice(choices: Any) -> Mapping[str, Any]:
    """The only choice of a chat completion; {} for a value that is not a list of choices."""
    is_choices = isinstance(choices, Sequence) and not isinstance(choices, str) and len(choices) > 0
    if not is_choices or not all(isinstance(choice, dict) and "message" in choice for choice in choices):
        return {}
    if len(choices) > 1:
        raise Unusable(f"choices has {len(choices)} answers; send one row for each")
    first: Mapping[str, Any] = choices[0]
    return first


def _without(row: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in keys}
