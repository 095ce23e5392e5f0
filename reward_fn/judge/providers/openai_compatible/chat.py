"""Chat completions as plain data: the request for a question, and the reply in a response.

The form of both: OpenAI's API reference, "Create chat completion".
"""

from collections.abc import Collection, Mapping
from typing import Any

from reward_fn.errors import JudgeFailure
from reward_fn.judge.base import Model, Question, Reply, Stop
from reward_fn.judge.providers._request import TOOL, TOOL_DESCRIPTION, count, one_input, schema_in_words
from reward_fn.text.bounded_json import parse_json
from reward_fn.types.unscored import Reason

NEW_LIMIT, NO_TEMPERATURE = "max_completion_tokens", "temperature"
"""Parameters that a server may refuse, as :func:`chat_request` takes them: OpenAI's reasoning models take no
``max_tokens`` and no temperature but 1 (OpenAI's API reference; LiteLLM's "drop_params")."""

_STOPS: Mapping[str, Stop] = {
    "stop": Stop.COMPLETE,
    "tool_calls": Stop.COMPLETE,
    "function_call": Stop.COMPLETE,
    "length": Stop.TRUNCATED,
    "content_filter": Stop.FILTERED,
}
"""Finish reasons. Any other one counts as malformed."""


def chat_request(question: Question, model: Model, adapted: Collection[str] = ()) -> dict[str, Any]:
    """The body of the request, static text first; ``model.structure`` says how the object is requested.

    ``adapted`` holds what the server refused before. The user's text is one string, since some servers take
    no list of parts.
    """
    system = question.system
    request: dict[str, Any] = {"model": model.model_id}
    if model.structure == "tool":
        function = {"name": TOOL, "description": TOOL_DESCRIPTION, "parameters": question.schema}
        request["tools"] = [{"type": "function", "function": function}]
        request["tool_choice"] = {"type": "function", "function": {"name": TOOL}}
    elif model.structure == "json_schema":
        # Not "strict": OpenAI then takes only schemas whose properties are all required.
        schema = {"name": TOOL, "schema": question.schema}
        request["response_format"] = {"type": "json_schema", "json_schema": schema}
    else:
        system = f"{system}\n\n{schema_in_words(question.schema)}"
    user = f"{question.static}\n\n{question.variable}"
    request["messages"] = [{"role": "system", "content": system}, {"role": "user", "content": user}]
    request["max_completion_tokens" if NEW_LIMIT in adapted else "max_tokens"] = question.max_tokens
    if model.temperature is not None and NO_TEMPERATURE not in adapted:
        request["temperature"] = model.temperature
    return request


def read_reply(response: Any) -> Reply:
    """The arguments of the tool call in a chat completion, else its text, without reasoning.

    Raises JudgeFailure, unavailable, if it is not a chat completion.
    """
    try:
        choice = response["choices"][0]
        message, stop_reason = choice["message"], str(choice.get("finish_reason") or "")
        calls = [_arguments(call) for call in message.get("tool_calls") or ()]
        text = _text(message.get("content"))
        refusal = message.get("refusal")
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise JudgeFailure(Reason.UNAVAILABLE, "the response is not a chat completion") from error
    if not stop_reason:
        raise JudgeFailure(Reason.UNAVAILABLE, "a reply without a finish reason")
    stop = _STOPS.get(stop_reason, Stop.MALFORMED)
    if refusal and not (calls or text) and stop is Stop.COMPLETE:
        stop, stop_reason = Stop.REFUSED, "refusal"
    return _with_usage(response.get("usage"), one_input(calls) if calls else text, stop, stop_reason)


def _with_usage(usage: Any, content: Any, stop: Stop, stop_reason: str) -> Reply:
    """The reply with its tokens. A server counts the tokens of its prompt cache among the prompt's."""
    usage = usage if isinstance(usage, dict) else {}
    details = usage.get("prompt_tokens_details")
    prompt = count(usage.get("prompt_tokens"))
    cached = min(prompt, count(details.get("cached_tokens")) if isinstance(details, dict) else 0)
    return Reply(
        content=content,
        stop=stop,
        input_tokens=prompt - cached,
        output_tokens=count(usage.get("completion_tokens")),
        cache_read_tokens=cached,
        stop_detail=stop_reason,
    )


def _arguments(call: Any) -> Any:
    """The arguments of a tool call: parsed JSON, or the text if it is not JSON."""
    arguments = call["function"]["arguments"]
    if not isinstance(arguments, str):
        return arguments
    parsed = parse_json(arguments)
    return arguments if parsed.error else parsed.value


def _text(content: Any) -> str:
    """The text of a message, which may be a list of parts."""
    if isinstance(content, list):
        return "".join(part["text"] for part in content if isinstance(part.get("text"), str))
    return content if isinstance(content, str) else ""
