"""Requests that a model does not accept, refused with the service's own messages before anything is judged.

Sources: for Nova's tool schemas the Nova user guide, "Troubleshooting tool calling" (an object at the top,
with ``type``, ``properties`` and ``required`` only), and zed-industries/zed#28521; for cache points among the
tools NousResearch/hermes-agent#97281; for ``temperature`` cline/cline#10572 and promptfoo/promptfoo #10307;
for response formats, tools and service tiers
``reward_fn.judge.models.catalogue``. That Nova refuses a ``$ref`` below the
top level is an assumption: the definitions would have to stand at the top level, under a key that is refused.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from reward_fn.judge.models.catalogue import profile, prompt_cache, refuses
from rewardctl.emulate.messages import ServiceError, service_error

TOOL_SCHEMA_KEYS = frozenset({"type", "properties", "required"})
"""The only keys that Nova accepts at the top level of a tool's schema."""

MAX_SCHEMA_DEPTH = 64
MAX_METADATA = 16
_METADATA_CHARS = r"[a-zA-Z0-9\s:_@$#=/+,.-]"
"""Entries of ``requestMetadata``, and a character of its keys and values (botocore, ``RequestMetadata``)."""

_IS_NOVA = re.compile(r"amazon\.nova")
_WITHOUT_TEMPERATURE = re.compile(r"claude-[a-z]+-(?:4-(?:[7-9]|[1-9]\d)(?!\d)|[5-9](?!\d))")
"""Claude Opus 4.7 and every later Claude model."""


def refusal(model_id: str, request: Mapping[str, Any]) -> ServiceError | None:
    """The error by which this model refuses the request; None if it accepts it. Parts may have any type."""
    return next(_refusals(model_id, request), None)


def _refusals(model_id: str, request: Mapping[str, Any]) -> Iterator[ServiceError]:
    tools = _list(_mapping(request.get("toolConfig")).get("tools"))
    if tools and refuses(model_id, "tool"):
        yield service_error("no_tool_use")
    if request.get("outputConfig") and refuses(model_id, "json_schema"):
        yield service_error("field_not_supported", key="outputConfig")
    if "temperature" in _mapping(request.get("inferenceConfig")) and _WITHOUT_TEMPERATURE.search(model_id):
        yield service_error("temperature_deprecated")
    if _IS_NOVA.search(model_id):
        for index, tool in enumerate(tools):
            yield from _nova_tool(index, _mapping(tool))
    yield from _blank_texts(request)
    points = list(_cache_points(request, tools))
    if points and prompt_cache(model_id) is None:
        yield service_error("no_prompt_caching")
    if any(point.get("ttl") == "1h" for point in points):
        yield from _no_hour(model_id)
    yield from _tier(model_id, _mapping(request.get("serviceTier")))
    yield from _metadata(request.get("requestMetadata"))


def _no_hour(model_id: str) -> Iterator[ServiceError]:
    """The error of a model that keeps no prefix for an hour."""
    cache = prompt_cache(model_id)
    if cache is not None and cache.hour_write_price is None:
        yield service_error("hour_for_claude_alone" if _IS_NOVA.search(model_id) else "extra_inputs")


def _tier(model_id: str, tier: Mapping[str, Any]) -> Iterator[ServiceError]:
    """The error over a service tier that does not exist, or that the model is not known to offer."""
    wanted = tier.get("type", "default")
    if wanted == "reserved":
        yield service_error("reservation_not_found")
    elif wanted != "default" and wanted not in dict(profile(model_id).tier_prices):
        yield service_error("service_tier_invalid")


def _metadata(value: Any) -> Iterator[ServiceError]:
    """The errors over metadata that break the bounds of the service model."""
    if value is None:
        return
    if not isinstance(value, dict) or not 1 <= len(value) <= MAX_METADATA:
        yield service_error("request_metadata", key=f"Map must have 1 to {MAX_METADATA} entries")
        return
    for key, text in value.items():
        if not re.fullmatch(rf"{_METADATA_CHARS}{{1,256}}", key):
            yield service_error("request_metadata", key="Map keys must satisfy the pattern")
        if not isinstance(text, str) or not re.fullmatch(rf"{_METADATA_CHARS}{{0,256}}", text):
            yield service_error("request_metadata", key="Map values must satisfy the pattern")


def _nova_tool(index: int, tool: Mapping[str, Any]) -> Iterator[ServiceError]:
    """The errors that Nova raises about one tool."""
    if "cachePoint" in tool:
        yield service_error("tool_cache_point", place=str(index))
    schema = _mapping(_mapping(_mapping(tool.get("toolSpec")).get("inputSchema")).get("json"))
    extraneous = [key for key in schema if key not in TOOL_SCHEMA_KEYS]
    if not extraneous and _refers(schema):
        extraneous = ["$ref"]
    for key in extraneous:
        yield service_error("tool_schema_key", place=str(index), key=key)


def _refers(value: Any, depth: int = 0) -> bool:
    """Whether a schema holds a ``$ref``; levels below MAX_SCHEMA_DEPTH are not searched."""
    if depth > MAX_SCHEMA_DEPTH:
        return False
    if isinstance(value, dict):
        return isinstance(value.get("$ref"), str) or any(_refers(part, depth + 1) for part in value.values())
    return isinstance(value, list) and any(_refers(part, depth + 1) for part in value)


def _blank_texts(request: Mapping[str, Any]) -> Iterator[ServiceError]:
    for number, message in enumerate(_list(request.get("messages"))):
        for place, block in enumerate(_list(_mapping(message).get("content"))):
            text = _mapping(block).get("text")
            if isinstance(text, str) and not text.strip():
                yield service_error("blank_text", place=f"messages.{number}.content.{place}")


def _cache_points(request: Mapping[str, Any], tools: list[Any]) -> Iterator[Mapping[str, Any]]:
    contents = (_list(_mapping(message).get("content")) for message in _list(request.get("messages")))
    holders = (tools, _list(request.get("system")), *contents)
    for block in (block for blocks in holders for block in blocks):
        if "cachePoint" in _mapping(block):
            yield _mapping(block["cachePoint"])


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
