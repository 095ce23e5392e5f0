"""JSON Schemas, compiled by ``jsonschema-rs``: formats are asserted, and nothing is fetched.

The library matches patterns in linear time, except look-around and back-references, for which it stops after
``MAX_BACKTRACKS`` steps and takes the pattern as not matching. It evaluates each part of a recursive schema
once per value; :mod:`reward_fn.schema.references` refuses the references that could still be expensive.
"""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import jsonschema_rs

from reward_fn.schema.references import measure
from reward_fn.text import batch_time

MAX_BACKTRACKS = 10_000
"""One search takes about a millisecond at most."""
PATTERN_BYTES = 16_000_000
"""Memory for all compiled patterns of a schema together; compiling them takes at most half a second."""
MAX_SEARCHED = 10_000_000
"""Locating a fault may copy the value once per schema; at most this many characters are copied."""
BATCH_VALUES_S, SMALL = 2.0, 200
"""Once the values of a batch have taken ``BATCH_VALUES_S`` of processor time, schemas with more than
``SMALL`` subschemas are not evaluated any more."""
NOT_DECIDED = "a place that is not reached (the batch's values have taken too long)"
NOT_LOCATED = "a place that is not searched for (the schema is recursive, or it or the answer is large)"

Locate = Callable[[Any], str]
"""Returns the place in the schema that a value violates, "" for a valid value."""

_EMAIL = jsonschema_rs.EmailOptions(allow_display_text=False)
_compiled: dict[int, tuple[Mapping[str, Any], jsonschema_rs.Validator]] = {}


def compile_schema(schema: dict[str, Any]) -> Locate:
    """The function that validates values, which must come from ``bounded_json``.

    Raises ValueError if the schema is not valid, refers outside itself or is too expensive to apply.
    """
    extent = measure(schema)
    try:
        validator = _validator(schema, PATTERN_BYTES // max(1, extent.patterns))
    except (jsonschema_rs.ReferencingError, RecursionError, ValueError) as error:  # type: ignore[misc]
        raise ValueError(_explained(schema, error)) from error

    def locate(value: Any) -> str:
        budget = batch_time.current()
        if budget.values_s > BATCH_VALUES_S and extent.schemas > SMALL:
            return NOT_DECIDED
        begun_s = time.process_time()
        is_valid = validator.is_valid(value)
        budget.values_s += time.process_time() - begun_s
        if is_valid:
            return ""
        if extent.recursive or len(json.dumps(value)) * extent.schemas > MAX_SEARCHED:
            return NOT_LOCATED
        try:
            validator.validate(value)
        except jsonschema_rs.ValidationError as fault:
            return "/".join(map(str, fault.schema_path)) or "its root"
        return NOT_LOCATED

    return locate


def conforms(schema: Mapping[str, Any], value: Any) -> bool:
    """Whether a value is certainly valid under a schema of this package. The schema is compiled once."""
    try:
        json.dumps(value, ensure_ascii=False).encode()  # refuses dates and lone surrogates
        if id(schema) not in _compiled:
            _compiled[id(schema)] = (schema, _validator(schema, PATTERN_BYTES))
        return _compiled[id(schema)][1].is_valid(value)
    except (RecursionError, TypeError, ValueError):
        return False


def _validator(schema: Mapping[str, Any], pattern_bytes: int) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(
        json.dumps(schema),  # type: ignore[type-var]
        validate_formats=True,
        retriever=_refused,
        email_options=_EMAIL,
        pattern_options=jsonschema_rs.FancyRegexOptions(MAX_BACKTRACKS, pattern_bytes, pattern_bytes),
    )


def _refused(uri: str) -> Any:
    raise ValueError(f'{uri!r} leads outside the schema; put it under "$defs"')


def _explained(schema: Any, error: Exception) -> str:
    """The fault of a schema, in the words of ``jsonschema``, which is imported only here."""
    from jsonschema import Draft202012Validator, FormatChecker
    from jsonschema.exceptions import SchemaError
    from jsonschema.validators import validator_for

    rules: Any = validator_for(schema, default=Draft202012Validator)
    try:
        rules.check_schema(schema, format_checker=FormatChecker(formats=()))
    except SchemaError as fault:
        return f"not a valid JSON Schema at {fault.json_path}: {fault.message}"
    except RecursionError:
        return "the schema is nested too deeply; flatten it"
    reason = str(error).strip().splitlines()[0]
    if reason.endswith('"regex"'):
        reason += f", or needs too much memory: all patterns share {PATTERN_BYTES // 10**6} MB"
    return f"not a valid JSON Schema: {reason}"
