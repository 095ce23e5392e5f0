"""Plain JSON Schemas (2020-12) decided without the ``jsonschema`` library.

That library takes longer to import than everything else of the function but boto3, and most values are valid
under schemas that use a few rules. These are applied here; for all others, and to say what is wrong with a
value, the library is asked, and imported then.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from reward_fn.text.json_values import frozen

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
    "number": lambda value: _is_number(value),
    "integer": lambda value: _is_number(value) and (isinstance(value, int) or value.is_integer()),
}

_NOTES = frozenset({"$schema", "$defs", "$comment", "title", "description", "default", "examples"})


class _Unknown(Exception):
    """A rule that is not known here."""


def surely_valid(schema: Mapping[str, Any], value: Any) -> bool:
    """Whether ``value`` is valid; False also where that is not known here.

    For schemas of this package: they are taken to be well-formed, and their patterns to be harmless.
    """
    try:
        return _holds(schema, value, schema)
    except (_Unknown, RecursionError):
        return False


def _holds(schema: Any, value: Any, root: Mapping[str, Any]) -> bool:
    if isinstance(schema, bool):
        return schema
    for name, argument in schema.items():
        if name in _NOTES:
            continue
        rule = _RULES.get(name)
        if rule is None:
            raise _Unknown(name)
        if not rule(argument, value, schema, root):
            return False
    return True


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _type(names: Any, value: Any, *_: Any) -> bool:
    return any(_TYPES[name](value) for name in ([names] if isinstance(names, str) else names))


def _reference(place: str, value: Any, _: Any, root: Mapping[str, Any]) -> bool:
    if not place.startswith("#/$defs/"):
        raise _Unknown(place)
    return _holds(root["$defs"][place.removeprefix("#/$defs/")], value, root)


def _properties(below: Mapping[str, Any], value: Any, _: Any, root: Mapping[str, Any]) -> bool:
    if not isinstance(value, dict):
        return True
    return all(_holds(child, value[name], root) for name, child in below.items() if name in value)


def _additional(below: Any, value: Any, schema: Mapping[str, Any], root: Mapping[str, Any]) -> bool:
    if "patternProperties" in schema:
        raise _Unknown("patternProperties")
    if not isinstance(value, dict):
        return True
    known = schema.get("properties", {})
    return all(_holds(below, child, root) for name, child in value.items() if name not in known)


def _items(below: Any, value: Any, schema: Mapping[str, Any], root: Mapping[str, Any]) -> bool:
    if not isinstance(value, list):
        return True
    first = len(schema.get("prefixItems", ()))
    return all(_holds(below, child, root) for child in value[first:])


def _prefix_items(below: Any, value: Any, _: Any, root: Mapping[str, Any]) -> bool:
    if not isinstance(value, list):
        return True
    return all(_holds(rule, child, root) for rule, child in zip(below, value, strict=False))


def _unique(wanted: bool, value: Any, *_: Any) -> bool:
    return not wanted or not isinstance(value, list) or len({frozen(v) for v in value}) == len(value)


def _enum(allowed: list[Any], value: Any, *_: Any) -> bool:
    return frozen(value) in [frozen(each) for each in allowed]


def _pattern(pattern: str, value: Any, *_: Any) -> bool:
    return not isinstance(value, str) or re.search(pattern, value) is not None


def _required(names: list[str], value: Any, *_: Any) -> bool:
    return not isinstance(value, dict) or all(name in value for name in names)


def _size(kind: type[str | list[Any] | dict[str, Any]], holds: Callable[[int, float], bool]) -> "Rule":
    return lambda bound, value, *_: not isinstance(value, kind) or holds(len(value), bound)


def _number(holds: Callable[[float, float], bool]) -> "Rule":
    return lambda bound, value, *_: not _is_number(value) or holds(value, bound)


def _at_least(one: float, other: float) -> bool:
    return one >= other


def _at_most(one: float, other: float) -> bool:
    return one <= other


Rule = Callable[[Any, Any, Any, Any], bool]
"""Whether a value keeps a rule: the rule's argument, the value, the schema around the rule, the whole one."""

_RULES: Mapping[str, Rule] = {
    "type": _type,
    "enum": _enum,
    "const": lambda wanted, value, *_: frozen(value) == frozen(wanted),
    "required": _required,
    "properties": _properties,
    "additionalProperties": _additional,
    "items": _items,
    "prefixItems": _prefix_items,
    "uniqueItems": _unique,
    "pattern": _pattern,
    "minLength": _size(str, _at_least),
    "maxLength": _size(str, _at_most),
    "minItems": _size(list, _at_least),
    "maxItems": _size(list, _at_most),
    "minProperties": _size(dict, _at_least),
    "maxProperties": _size(dict, _at_most),
    "minimum": _number(_at_least),
    "maximum": _number(_at_most),
    "exclusiveMinimum": _number(lambda one, other: one > other),
    "exclusiveMaximum": _number(lambda one, other: one < other),
    "$ref": _reference,
    "not": lambda below, value, _, root: not _holds(below, value, root),
    "oneOf": lambda below, value, _, root: sum(_holds(each, value, root) for each in below) == 1,
    "anyOf": lambda below, value, _, root: any(_holds(each, value, root) for each in below),
    "allOf": lambda below, value, _, root: all(_holds(each, value, root) for each in below),
}


# What follows is for schemas that come from outside: these may be wrong in every way.


def _is_count(argument: Any) -> bool:
    return isinstance(argument, int) and not isinstance(argument, bool) and argument >= 0


def _is_text(argument: Any) -> bool:
    return isinstance(argument, str)


def _are_names(argument: Any) -> bool:
    return isinstance(argument, list) and all(map(_is_text, argument)) and len({*argument}) == len(argument)


def _are_types(argument: Any) -> bool:
    names = [argument] if isinstance(argument, str) else argument
    return _are_names(names) and bool(names) and _TYPES.keys() >= {*names}


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
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _is_number),
}


def is_plain(schema: Any) -> bool:
    """Whether a schema from outside is well-formed and made of rules that are decided here, quickly.

    Without patterns, references and combinations its cost is linear in the value's size.
    """
    return isinstance(schema, dict) and all(
        name in _WELL_FORMED and _WELL_FORMED[name](argument) for name, argument in schema.items()
    )
