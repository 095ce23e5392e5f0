"""The answer is JSON and valid under a JSON Schema (2020-12 unless the schema says otherwise): 1, else 0.

Solution tags, leading thoughts and one code fence around the JSON are taken off; prose around it is not.
The response is bounded before it is validated. Remote references are refused at load, never fetched.
"""

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from reward_fn.answers import ANSWER, json_of
from reward_fn.rubric import Reason, Unscored
from reward_fn.schema import Locate, compile_schema
from reward_fn.sources import PATTERN, find_text
from reward_fn.text.bounded_json import MAX_DEPTH, Parsed, deeper_than
from reward_fn.types import Check, CheckResult, Rollout

MAX_BROUGHT_CHARS = 100_000

PARAMETERS: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "schema": {"type": ["string", "object"], "minLength": 1},
        "schema_from": {"type": "array", "items": {"type": "string", "pattern": PATTERN}, "minItems": 1},
        "answer": ANSWER,
    },
    "oneOf": [{"required": ["schema"]}, {"required": ["schema_from"]}],
    "additionalProperties": False,
}


def build(parameters: Mapping[str, Any], folder: Path) -> Check:
    """``schema`` is the schema, or a file that holds it, relative to the definition.

    With ``schema_from`` instead, each rollout brings its own at one of these paths, as an object or as JSON
    text; one that brings none that can be used is unscored. Raises ValueError where the file is missing or
    not a valid schema, or refers outside itself.
    """
    find = json_of(parameters)
    if "schema_from" in parameters:
        return _brought(parameters["schema_from"], find)
    locate = compile_schema(_read(parameters["schema"], folder))
    return lambda rollout: _checked(find(rollout), locate)


def _brought(sources: list[str], find: Callable[[Rollout], Parsed]) -> Check:
    def check(rollout: Rollout) -> CheckResult | Unscored:
        text = find_text(rollout, sources)
        if text is None or len(text) > MAX_BROUGHT_CHARS:
            return Unscored(
                Reason.NO_SOURCE, f"no schema under {' or '.join(sources)}, or one that is too long"
            )
        locate = _compiled_text(text)
        if locate is None:
            return Unscored(Reason.NO_SOURCE, f"the schema under {' or '.join(sources)} can't be used")
        return _checked(find(rollout), locate)

    return check


@lru_cache(maxsize=64)
def _compiled_text(text: str) -> Locate | None:
    """None for a schema that can't be used; remembered either way, since a group brings the same one."""
    try:
        schema = json.loads(text)
        usable = isinstance(schema, dict) and not deeper_than(MAX_DEPTH, schema)
        return compile_schema(schema) if usable else None
    except (ValueError, RecursionError):
        return None


def _checked(parsed: Parsed, locate: Locate) -> CheckResult:
    if parsed.error:
        return CheckResult(0.0, parsed.error)
    where = locate(parsed.value)
    # The place is one in the schema: it quotes nothing that the rollout wrote.
    return CheckResult(0.0, f"violates the schema at {where}") if where else CheckResult(1.0)


def _read(schema: str | dict[str, Any], folder: Path) -> Any:
    if isinstance(schema, dict):
        return schema
    path = folder / schema
    try:
        loaded = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"cannot read {schema!r} beside the definition ({error.strerror})") from error
    except ValueError as error:
        raise ValueError(f"{schema!r} is not JSON: {error}") from error
    if not isinstance(loaded, dict):
        raise ValueError(f"{schema!r} holds no JSON object")
    return loaded
