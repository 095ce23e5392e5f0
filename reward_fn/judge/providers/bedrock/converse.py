"""Converse as plain data: the request for a question, and the reply in a response."""

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple, Self

from reward_fn.errors import JudgeFailure
from reward_fn.judge.base import Model, Question, Reply, Stop
from reward_fn.judge.providers._request import TOOL, TOOL_DESCRIPTION, count, one_input, schema_in_words
from reward_fn.types.unscored import Reason

BLOCKED = "blocked by our content filters"
"""Nova's words, in an error or in place of an answer, when its filter stops a text (Nova user guide)."""
TIER = "serviceTier"


class Extras(NamedTuple):
    """What is sent beside the question, made once from the settings.

    ``fields`` are further arguments of Converse; ``hour`` keeps prompt prefixes for an hour where the model
    can.
    """

    fields: Mapping[str, Any] = MappingProxyType({})
    hour: bool = False

    @classmethod
    def of(cls, service_tier: str, metadata: Mapping[str, str], *, cache_ttl: str) -> Self:
        """The extras of these settings. The default tier is sent as no tier."""
        fields: dict[str, Any] = {}
        if service_tier != "default":
            fields[TIER] = {"type": service_tier}
        if metadata:
            fields["requestMetadata"] = dict(metadata)
        return cls(fields, cache_ttl == "1h")


NO_EXTRAS = Extras()


def converse_request(
    question: Question, model: Model, *, cached: bool = False, cache_ttl: str = ""
) -> dict[str, Any]:
    """The arguments of Converse, static text first; ``model.structure`` says how the object is requested.

    ``cached`` puts a cache point after the static text, with that time to live; "" leaves it to the service.
    """
    inference: dict[str, Any] = {"maxTokens": question.max_tokens}
    if model.temperature is not None:
        inference["temperature"] = model.temperature
    content: list[dict[str, Any]] = [{"text": question.static}, {"text": question.variable}]
    if cached:
        point = {"type": "default", "ttl": cache_ttl} if cache_ttl else {"type": "default"}
        content.insert(1, {"cachePoint": point})
    request: dict[str, Any] = {
        "modelId": model.model_id,
        "system": [{"text": question.system}],
        "messages": [{"role": "user", "content": content}],
        "inferenceConfig": inference,
    }
    if model.structure == "tool":
        # Nova takes these three keywords at the top of a tool's schema and no others (Nova user guide).
        schema = {key: question.schema[key] for key in ("type", "properties", "required")}
        spec = {"name": TOOL, "description": TOOL_DESCRIPTION, "inputSchema": {"json": schema}}
        request["toolConfig"] = {"tools": [{"toolSpec": spec}], "toolChoice": {"tool": {"name": TOOL}}}
    elif model.structure == "json_schema":
        named = {"name": TOOL, "schema": json.dumps(question.schema)}
        request["outputConfig"] = {"textFormat": {"type": "json_schema", "structure": {"jsonSchema": named}}}
    else:
        request["system"].append({"text": schema_in_words(question.schema)})
    return request


_STOPS: Mapping[str, Stop] = {
    "end_turn": Stop.COMPLETE,
    "stop_sequence": Stop.COMPLETE,
    "tool_use": Stop.COMPLETE,
    "max_tokens": Stop.TRUNCATED,
    "content_filtered": Stop.FILTERED,
    "guardrail_intervened": Stop.FILTERED,
    "model_context_window_exceeded": Stop.OVERFLOW,
}
"""Converse's stop reasons (Bedrock API reference). Any other one counts as malformed."""


def read_reply(response: Mapping[str, Any]) -> Reply:
    """The input of the tool call in a Converse response, else its text, without reasoning blocks.

    Several calls of the tool count as one if they are equal. Raises JudgeFailure, unavailable, if the
    response has no stop reason.
    """
    usage, message = response.get("usage") or {}, (response.get("output") or {}).get("message") or {}
    if not response.get("stopReason"):
        raise JudgeFailure(Reason.UNAVAILABLE, "a reply without a stop reason")
    blocks = [block for block in message.get("content") or () if isinstance(block, dict)]
    calls = [block["toolUse"].get("input") for block in blocks if isinstance(block.get("toolUse"), dict)]
    text = "".join(block["text"] for block in blocks if isinstance(block.get("text"), str))
    content, stop_reason = _content(calls, text, str(response["stopReason"]))
    return Reply(
        content=content,
        stop=_STOPS.get(stop_reason, Stop.MALFORMED),
        input_tokens=count(usage.get("inputTokens")),
        output_tokens=count(usage.get("outputTokens")),
        cache_read_tokens=count(usage.get("cacheReadInputTokens")),
        cache_write_tokens=count(usage.get("cacheWriteInputTokens")),
        stop_detail=stop_reason,
        has_filter_notice=isinstance(content, str) and BLOCKED in content.lower(),
    )


def _content(calls: Sequence[Any], text: str, stop_reason: str) -> tuple[Any, str]:
    """The content of a reply and its stop reason. A tool call that Nova wrote as text counts as a call."""
    if calls:
        return one_input(calls), stop_reason
    if stop_reason == "malformed_tool_use":
        from reward_fn.judge.providers.bedrock.nova_dialect import read_call  # rare, so not in a cold start

        if (call := read_call(text, TOOL)) is not None:
            return call, "tool_use"
    return text, stop_reason
