"""Converse as plain data: what is sent for a question, and what of the response is the reply."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from reward_fn.errors import JudgeFailure
from reward_fn.judge.base import Question, Reply
from reward_fn.judge.models.catalogue import ModelProfile
from reward_fn.types.unscored import Reason

TOOL = "record_verdicts"


def converse_request(question: Question, model: ModelProfile, *, cached: bool = False) -> dict[str, Any]:
    """The arguments of Converse: static text first, the verdict object asked for as the model takes it.

    ``cached`` puts a cache point after the static text.
    """
    inference: dict[str, Any] = {"maxTokens": question.max_tokens}
    if model.temperature is not None:
        inference["temperature"] = model.temperature
    content: list[dict[str, Any]] = [{"text": question.static}, {"text": question.variable}]
    if cached:
        content.insert(1, {"cachePoint": {"type": "default"}})
    request: dict[str, Any] = {
        "modelId": model.model_id,
        "system": [{"text": question.system}],
        "messages": [{"role": "user", "content": content}],
        "inferenceConfig": inference,
    }
    if model.structure == "tool":
        description = "Record the verdict on every criterion."
        # Nova takes these three keywords at the top of a tool's schema and no others (Nova user guide).
        schema = {key: question.schema[key] for key in ("type", "properties", "required")}
        spec = {"name": TOOL, "description": description, "inputSchema": {"json": schema}}
        request["toolConfig"] = {"tools": [{"toolSpec": spec}], "toolChoice": {"tool": {"name": TOOL}}}
    elif model.structure == "json_schema":
        named = {"name": TOOL, "schema": json.dumps(question.schema)}
        request["outputConfig"] = {"textFormat": {"type": "json_schema", "structure": {"jsonSchema": named}}}
    else:
        wanted = f"The JSON object's schema:\n{json.dumps(question.schema)}"
        request["system"].append({"text": wanted})
    return request


def read_reply(response: Mapping[str, Any]) -> Reply:
    """The tool's input, else the text, of a Converse response. Reasoning blocks are passed over.

    Several calls of the tool count as one where they say the same; else their list is the content, which is
    no verdict object. Raises JudgeFailure, unavailable, where the response is cut off or not Bedrock's.
    """
    usage, message = response.get("usage") or {}, (response.get("output") or {}).get("message") or {}
    if not response.get("stopReason"):
        raise JudgeFailure(Reason.UNAVAILABLE, "a reply without a stop reason")
    blocks = [block for block in message.get("content") or () if isinstance(block, dict)]
    calls = [block["toolUse"].get("input") for block in blocks if isinstance(block.get("toolUse"), dict)]
    text = "".join(block["text"] for block in blocks if isinstance(block.get("text"), str))
    content, stop_reason = _said(calls, text, str(response["stopReason"]))
    return Reply(
        content=content,
        stop_reason=stop_reason,
        input_tokens=_count(usage.get("inputTokens")),
        output_tokens=_count(usage.get("outputTokens")),
        cache_read_tokens=_count(usage.get("cacheReadInputTokens")),
        cache_write_tokens=_count(usage.get("cacheWriteInputTokens")),
    )


def _said(calls: Sequence[Any], text: str, stop_reason: str) -> tuple[Any, str]:
    """The content of a reply and its stop reason; a call that Nova wrote as text is read as a call."""
    if calls:
        return (calls[0] if all(call == calls[0] for call in calls) else list(calls)), stop_reason
    if stop_reason == "malformed_tool_use":
        from reward_fn.judge.providers.bedrock.nova_dialect import (
            read_call,  # rarely needed, so not in a cold start
        )

        if (call := read_call(text, TOOL)) is not None:
            return call, "tool_use"
    return text, stop_reason


def _count(value: Any) -> int:
    return value if isinstance(value, int) and value > 0 else 0
