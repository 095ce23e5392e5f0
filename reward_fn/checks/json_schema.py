"""1 if the answer is JSON that is valid under a JSON Schema (by default 2020-12), else 0.

Solution tags, leading thoughts and one code fence around the JSON are removed; prose around it is not. The
response is bounded before it is validated. Remote references are refused at load and never fetched.
"""

import json
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from reward_fn.checks._answer_place import ANSWER, json_of
from reward_fn.paths import PATHS, find_text
from reward_fn.schema.compiled import Locate, compile_schema
from reward_fn.text import batch_time
from reward_fn.text.bounded_json import MAX_DEPTH, Parsed, deeper_than
from reward_fn.types.check import Check, CheckResult
from reward_fn.types.rollout import Rollout
from reward_fn.types.unscored import Reason, Unscored

MAX_SCHEMA_CHARS = 100_000
MAX_SCHEMA_VALUES = 2_000
"""Objects, lists and texts in a schema that a rollout brings, which bounds the cost of each validation. The
largest schemas in everyday use (package.json, OpenAPI's own) have 1,000 to 2,000."""
BATCH_S = 4.0
"""Processor time for compiling the schemas of a batch: 30 ms for each of 128. Later ones are unscored."""

PARAMETERS: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "schema": {"type": ["string", "object"], "minLength": 1},
        "schema_from": PATHS,
        "answer": ANSWER,
    },
    "oneOf": [{"required": ["schema"]}, {"required": ["schema_from"]}],
    "additionalProperties": False,
}


def build(parameters: Mapping[str, Any], folder: Path) -> Check:
    """``schema`` is the schema, or the name of a file beside the definition.

    With ``schema_from`` instead, each rollout brings its own schema at one of these paths, as an object or as
    JSON text; a rollout without a usable schema is unscored. Raises ValueError if the file is missing, is not
    a valid schema, or refers outside itself.
    """
    find = json_of(parameters)
    if "schema_from" in parameters:
        return _with_rollout_schema(parameters["schema_from"], find)
    locate = compile_schema(_read(parameters["schema"], folder))
    return lambda rollout: _checked(find(rollout), locate)


def _with_rollout_schema(paths: list[str], find: Callable[[Rollout], Parsed]) -> Check:
    def check(rollout: Rollout) -> CheckResult | Unscored:
        text = find_text(rollout, paths)
        if text is None or len(text) > MAX_SCHEMA_CHARS:
            return Unscored(
                Reason.NO_SOURCE, f"no schema under {' or '.join(paths)}, or one that is too long"
            )
        try:
            locate = _compiled_text(text)
        except _TooLateError:
            return Unscored(Reason.DEADLINE, f"the schemas of the batch took more than {BATCH_S:g} s")
        if isinstance(locate, str):
            return Unscored(
                Reason.NO_SOURCE, f"the schema under {' or '.join(paths)} can't be used: {locate}"
            )
        return _checked(find(rollout), locate)

    return check


class _TooLateError(Exception):
    """The batch has no time left to compile a schema. An exception, so that the cache doesn't keep it."""


@lru_cache(maxsize=64)
def _compiled_text(text: str) -> Locate | str:
    """The compiled schema, or why it can't be used; cached, since a group brings the same one.

    Raises _TooLateError.
    """
    budget = batch_time.current()
    if budget.schemas_s > BATCH_S:
        raise _TooLateError
    begun_s = time.process_time()
    try:
        return _compiled(json.loads(text))
    except (ValueError, RecursionError):
        return "it is not valid, or takes too much to apply"
    finally:
        budget.schemas_s += time.process_time() - begun_s


def _compiled(schema: Any) -> Locate | str:
    if not isinstance(schema, dict) or deeper_than(MAX_DEPTH, schema):
        return f"it is not an object, or is nested deeper than {MAX_DEPTH} levels"
    if _size(schema) > MAX_SCHEMA_VALUES:
        return f"it has more than {MAX_SCHEMA_VALUES} parts"
    return compile_schema(schema)


def _size(value: Any) -> int:
    """The number of values in a JSON value that is not nested deeply."""
    below = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(_size, below))


def _checked(parsed: Parsed, locate: Locate) -> CheckResult:
    if parsed.error:
        return CheckResult(0.0, parsed.error)
    where = locate(parsed.value)
    # A place in the schema quotes nothing of the response.
    return CheckResult(0.0, f"violates the schema at {where}") if where else CheckResult(1.0)


def _read(schema: str | dict[str, Any], folder: Path) -> Any:
    if isinstance(schema, dict):
        return schema
    path = folder / schema
    try:
        loaded = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(
            f"schema: cannot read {schema!r} beside the definition ({error.strerror})"
        ) from error
    except ValueError as error:
        raise ValueError(f"schema: {schema!r} is not JSON: {error}") from error
    if not isinstance(loaded, dict):
        raise ValueError(f"schema: {schema!r} does not hold a JSON object")
    return loaded
