"""A JSON Schema compiled once, at load: safe against hostile values, and quick on the usual ones.

A plain schema decides by itself, see :mod:`reward_fn.quick_schema`; the ``jsonschema`` library, whose import
is a good part of a cold start, is asked about the others, and where in a plain one a value went wrong.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from reward_fn.plain_schema import is_plain
from reward_fn.quick_schema import surely_valid

Locate = Callable[[Any], str]
"""Where a value breaks the schema, as a place in the schema, "" where it is valid."""


def compile_schema(schema: dict[str, Any]) -> Locate:
    """The function that decides on values. They must be bounded already: see ``bounded_json``.

    Raises ValueError where the schema is not valid, refers outside itself or has a pattern that is none or
    hopeless; nothing is ever fetched.
    """
    if not is_plain(schema):
        return _with_library(schema)

    @cache
    def library() -> Locate:
        return _with_library(schema)

    is_valid = surely_valid(schema)
    return lambda value: "" if is_valid(value) else library()(value)


def _with_library(schema: dict[str, Any]) -> Locate:
    from reward_fn.schema_library import compile_with_library

    return compile_with_library(schema)
