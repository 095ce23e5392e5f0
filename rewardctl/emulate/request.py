"""Parses a Converse request, as far as the judge and its reply need it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from rewardctl.emulate.messages import ServiceError
from rewardctl.emulate.refusals import refusal

CHARS_PER_TOKEN = 4  # the usual estimate for English

MAX_CACHE_POINTS = 4
FIVE_MINUTES_S = 300.0
KEPT_S = {"5m": FIVE_MINUTES_S, "1h": 3600.0}  # how long a prefix is kept, by its point's ttl

HIGH_EFFORT_EXCLUDES = ("temperature", "topP", "maxTokens")


class InvalidRequestError(Exception):
    """The service would not accept this request. ``refusal`` is the service's own error, if it is known."""

    def __init__(self, message: str, refusal: ServiceError | None = None) -> None:
        super().__init__(message)
        self.refusal = refusal


class Form(StrEnum):
    """The form in which the caller wants the answer."""

    TOOL = "tool"
    JSON_SCHEMA = "json_schema"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class ConverseRequest:
    """One call. ``texts`` are the text blocks of all messages, in order.

    ``schema`` is the JSON Schema of the answer, None if the request has none; ``tool`` is the name of the
    forced tool, or "". ``max_tokens`` is None if the call sets no limit. ``input_tokens`` counts the whole
    request, the tools' schemas included. ``prefix`` is a hash of what the model reads up to the last cache
    point, tools first, as JSON; ``prefix_tokens`` is its length, 0 without a cache point, and ``kept_s`` the
    seconds that it stays in the cache.
    """

    model_id: str
    texts: tuple[str, ...]
    form: Form
    schema: Mapping[str, Any] | None
    tool: str
    max_tokens: int | None
    reasoning: bool
    input_tokens: int
    prefix_tokens: int = 0
    prefix: bytes = b""
    kept_s: float = FIVE_MINUTES_S


def read_request(model_id: str, body: bytes) -> ConverseRequest:
    """Parse the body of a Converse call. Raises InvalidRequestError, also if the model refuses it."""
    try:
        request = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidRequestError("The request body is not valid JSON.") from error
    if not isinstance(request, dict):
        raise InvalidRequestError("The request body must be a JSON object.")
    refused = refusal(model_id, request)
    if refused is not None:
        raise InvalidRequestError(refused.message, refused)
    inference = _mapping(request, "inferenceConfig")
    form, schema, tool = _answer_form(request)
    return ConverseRequest(
        model_id=model_id,
        texts=tuple(_texts(request.get("messages"))),
        form=form,
        schema=schema,
        tool=tool,
        max_tokens=_max_tokens(inference),
        reasoning=_reasoning(model_id, _mapping(request, "additionalModelRequestFields"), inference),
        input_tokens=max(1, len(body) // CHARS_PER_TOKEN),
        **_cached(request),
    )


def _mapping(holder: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = holder.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InvalidRequestError(f"{name} must be an object.")
    return value


def _texts(messages: Any) -> list[str]:
    """The text blocks of the messages. As on the service, the first turn must be the user's."""
    if not isinstance(messages, list) or not messages:
        raise InvalidRequestError("A conversation must have at least one message.")
    texts = []
    for index, message in enumerate(messages):
        if not isinstance(message, dict) or message.get("role") not in ("user", "assistant"):
            raise InvalidRequestError(f"messages[{index}] must be an object with the role user or assistant.")
        if index == 0 and message["role"] != "user":
            raise InvalidRequestError("A conversation must start with a user message.")
        content = message.get("content")
        if not isinstance(content, list) or not content or not all(isinstance(b, dict) for b in content):
            raise InvalidRequestError(f"messages[{index}].content must be a list of content blocks.")
        texts += [block["text"] for block in content if isinstance(block.get("text"), str)]
    return texts


def _cached(request: Mapping[str, Any]) -> dict[str, Any]:
    """Hash and length in tokens of the prefix of a request with cache points.

    A model's prompt consists of the tools, the system texts and the messages, in this order (Anthropic,
    "Prompt caching"; another tool_choice or output format makes another prefix). Nova accepts no cache point
    among the tools, but one in the messages caches the tools too (strands-agents/harness-sdk#449), so they
    are part of its prefix; that they come first is an assumption.
    """
    prefix, ttl = _cached_prefix(request)
    if not prefix:
        return {}
    settings = _compact([_mapping(request, "toolConfig").get("toolChoice"), request.get("outputConfig")])
    hashed = hashlib.sha256(f"{settings}\n{prefix}".encode("utf-8", "surrogatepass")).digest()
    return {"prefix_tokens": len(prefix) // CHARS_PER_TOKEN, "prefix": hashed, "kept_s": KEPT_S[ttl]}


def _cached_prefix(request: Mapping[str, Any]) -> tuple[str, str]:
    """What the model reads before the last cache point, "" without one, and the point's time to live."""
    tools = _mapping(request, "toolConfig").get("tools") or []
    holders = [tools, request.get("system") or [], *(message["content"] for message in request["messages"])]
    seen, prefix, ttl, points = "", "", "5m", 0
    for block in (block for blocks in holders for block in blocks if isinstance(block, dict)):
        if "cachePoint" in block:
            point = _mapping(block, "cachePoint")
            ttl = point.get("ttl", "5m")
            if point.get("type") != "default" or ttl not in tuple(KEPT_S):
                raise InvalidRequestError('A cachePoint must have the type "default", and a ttl of 5m or 1h.')
            prefix, points = seen, points + 1
        seen += _compact(block["toolSpec"]) if "toolSpec" in block else ""
        seen += block["text"] if isinstance(block.get("text"), str) else ""
    if points > MAX_CACHE_POINTS:
        raise InvalidRequestError(f"A request may hold {MAX_CACHE_POINTS} cache points.")
    return prefix, ttl


_compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _answer_form(request: Mapping[str, Any]) -> tuple[Form, Mapping[str, Any] | None, str]:
    """The form of the answer, its schema, and the name of the tool."""
    tools = _mapping(request, "toolConfig").get("tools")
    if tools:
        return _forced_tool(tools, _mapping(_mapping(request, "toolConfig"), "toolChoice"))
    text_format = _mapping(_mapping(request, "outputConfig"), "textFormat")
    if text_format:
        text = _mapping(_mapping(text_format, "structure"), "jsonSchema").get("schema")
        try:
            schema = json.loads(text)  # type: ignore[arg-type]  # a value that is not a string is an error too
        except (TypeError, ValueError, RecursionError) as error:
            raise InvalidRequestError("outputConfig.textFormat holds no JSON Schema as a string.") from error
        if not isinstance(schema, dict):
            raise InvalidRequestError("The schema in outputConfig.textFormat must be an object.")
        return Form.JSON_SCHEMA, schema, ""
    return Form.TEXT, None, ""


def _forced_tool(tools: Any, choice: Mapping[str, Any]) -> tuple[Form, Mapping[str, Any], str]:
    specs: dict[str, Mapping[str, Any]] = {}
    for tool in tools if isinstance(tools, list) else ():
        spec = _mapping(tool, "toolSpec") if isinstance(tool, dict) else {}
        schema = _mapping(spec, "inputSchema").get("json")
        if isinstance(spec.get("name"), str) and isinstance(schema, dict):
            specs[spec["name"]] = schema
    if not specs:
        raise InvalidRequestError("toolConfig.tools must hold a toolSpec with a name and an inputSchema.")
    name = _mapping(choice, "tool").get("name", next(iter(specs)))
    if name not in specs:
        raise InvalidRequestError(f"The tool named in toolChoice is not among the tools: {name!r}.")
    return Form.TOOL, specs[name], name


def _max_tokens(inference: Mapping[str, Any]) -> int | None:
    value = inference.get("maxTokens")
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
        raise InvalidRequestError("inferenceConfig.maxTokens must be a whole number of at least 1.")
    return value


def _reasoning(model_id: str, extra: Mapping[str, Any], inference: Mapping[str, Any]) -> bool:
    """Whether the call switches reasoning on. At high effort, Nova 2 accepts no sampling settings."""
    config = _mapping(extra, "reasoningConfig")
    if config.get("type") != "enabled":
        return False
    excluded = [name for name in HIGH_EFFORT_EXCLUDES if name in inference]
    if "nova-2" in model_id and config.get("maxReasoningEffort") == "high" and excluded:
        raise InvalidRequestError(f"{', '.join(excluded)} must be unset when maxReasoningEffort is high.")
    return True
