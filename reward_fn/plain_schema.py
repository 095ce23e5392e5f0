"""Which JSON Schemas from outside, wrong in every way as they may be, go to :mod:`reward_fn.quick_schema`."""

from collections.abc import Callable, Mapping
from typing import Any

from reward_fn.quick_schema import TYPES, is_number

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def _is_count(argument: Any) -> bool:
    return isinstance(argument, int) and not isinstance(argument, bool) and argument >= 0


def _is_text(argument: Any) -> bool:
    return isinstance(argument, str)


def _are_names(argument: Any) -> bool:
    return isinstance(argument, list) and all(map(_is_text, argument)) and len({*argument}) == len(argument)


def _are_types(argument: Any) -> bool:
    names = [argument] if isinstance(argument, str) else argument
    return _are_names(names) and bool(names) and TYPES.keys() >= {*names}


_WELL_FORMED: Mapping[str, Callable[[Any], bool]] = {
    "$schema": lambda argument: argument == DIALECT,
    **dict.fromkeys(("$comment", "title", "description"), _is_text),
    "type": _are_types,
    "enum": lambda argument: isinstance(argument, list),
    "const": lambda _: True,
    "default": lambda _: True,
    "examples": lambda argument: isinstance(argument, list),
    "required": _are_names,
    "additionalProperties": lambda argument: isinstance(argument, bool),
    "properties": lambda argument: isinstance(argument, dict) and all(map(is_plain, argument.values())),
    "items": lambda argument: is_plain(argument),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems"), _is_count),
    **dict.fromkeys(("minProperties", "maxProperties"), _is_count),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), is_number),
}


def is_plain(schema: Any) -> bool:
    """Whether a schema from outside is well-formed and made of rules that are decided there, quickly.

    Without patterns, references and combinations its cost is linear in the value's size.
    """
    return isinstance(schema, dict) and all(
        name in _WELL_FORMED and _WELL_FORMED[name](argument) for name, argument in schema.items()
    )
