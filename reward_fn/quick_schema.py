"""Plain JSON Schemas (2020-12) decided without the ``jsonschema`` library.

That library takes longer to import than everything else of the function but boto3, and most values are valid
under schemas that use a few rules. These are applied here; for all others, and to say what is wrong with a
value, the library is asked, and imported then.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from operator import ge, gt, le, lt
from typing import Any

from reward_fn.text.json_values import frozen

Holds = Callable[[Any], bool]
"""Whether a value is valid."""

TYPES: Mapping[str, Holds] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
    "number": lambda value: is_number(value),
    "integer": lambda value: is_number(value) and (isinstance(value, int) or value.is_integer()),
}
"""What the types of JSON Schema mean."""

_NOTES = frozenset({"$schema", "$defs", "$comment", "title", "description", "default", "examples"})


class _Unknown(Exception):
    """A rule that is not known here."""


def surely_valid(schema: Mapping[str, Any]) -> Holds:
    """Compiles the function that says whether a value is valid; False also where that is not known here.

    For schemas of this package: they are taken to be well-formed, and their patterns to be harmless.
    """
    defs: dict[str, Holds] = {}
    try:
        defs.update((name, _compiled(child, defs)) for name, child in schema.get("$defs", {}).items())
        holds = _compiled(schema, defs)
    except (_Unknown, RecursionError):
        return lambda _: False

    def is_surely_valid(value: Any) -> bool:
        try:
            return holds(value)
        except RecursionError:
            return False

    return is_surely_valid


def _compiled(schema: Any, defs: Mapping[str, Holds]) -> Holds:
    if isinstance(schema, bool):
        return lambda _: schema
    if unknown := schema.keys() - _NOTES - _RULES.keys():
        raise _Unknown(*unknown)
    rules = [_RULES[name](argument, schema, defs) for name, argument in schema.items() if name in _RULES]

    def holds(value: Any) -> bool:
        for rule in rules:  # noqa: SIM110 - in half the time of all()
            if not rule(value):
                return False
        return True

    return holds


def is_number(value: Any) -> bool:
    """Whether a JSON value is a number; truth values are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _type(names: Any, *_: Any) -> Holds:
    if isinstance(names, str):
        return TYPES[names]
    types = [TYPES[name] for name in names]
    return lambda value: any(is_one(value) for is_one in types)


def _reference(place: str, _: Any, defs: Mapping[str, Holds]) -> Holds:
    """Looked up when it is used: definitions may refer to each other and to themselves."""
    if not place.startswith("#/$defs/"):
        raise _Unknown(place)
    name = place.removeprefix("#/$defs/")
    return lambda value: defs[name](value)


def _properties(below: Mapping[str, Any], _: Any, defs: Mapping[str, Holds]) -> Holds:
    rules = [(name, _compiled(child, defs)) for name, child in below.items()]
    return lambda value: (
        not isinstance(value, dict) or all(rule(value[name]) for name, rule in rules if name in value)
    )


def _additional(below: Any, schema: Mapping[str, Any], defs: Mapping[str, Holds]) -> Holds:
    if "patternProperties" in schema:
        raise _Unknown("patternProperties")
    rule, known = _compiled(below, defs), frozenset(schema.get("properties", ()))
    return lambda value: (
        not isinstance(value, dict) or all(rule(child) for name, child in value.items() if name not in known)
    )


def _items(below: Any, schema: Mapping[str, Any], defs: Mapping[str, Holds]) -> Holds:
    rule, first = _compiled(below, defs), len(schema.get("prefixItems", ()))
    return lambda value: not isinstance(value, list) or all(map(rule, value[first:]))


def _prefix_items(below: list[Any], _: Any, defs: Mapping[str, Holds]) -> Holds:
    rules = [_compiled(each, defs) for each in below]
    return lambda value: (
        not isinstance(value, list) or all(rule(child) for rule, child in zip(rules, value, strict=False))
    )


def _not(below: Any, _: Any, defs: Mapping[str, Holds]) -> Holds:
    rule = _compiled(below, defs)
    return lambda value: not rule(value)


def _several(decide: Callable[[Iterator[bool]], bool]) -> "Rule":
    """A rule over schemas, decided by which of them hold."""

    def compiled(below: list[Any], _: Any, defs: Mapping[str, Holds]) -> Holds:
        rules = [_compiled(each, defs) for each in below]
        return lambda value: decide(rule(value) for rule in rules)

    return compiled


def _unique(wanted: bool, *_: Any) -> Holds:
    return lambda value: (
        not (wanted and isinstance(value, list)) or len({frozen(each) for each in value}) == len(value)
    )


def _enum(allowed: list[Any], *_: Any) -> Holds:
    known = [frozen(each) for each in allowed]
    return lambda value: frozen(value) in known


def _pattern(pattern: str, *_: Any) -> Holds:
    return lambda value: not isinstance(value, str) or re.search(pattern, value) is not None


def _required(names: list[str], *_: Any) -> Holds:
    wanted = frozenset(names)
    return lambda value: not isinstance(value, dict) or value.keys() >= wanted


def _size(kind: type[str | list[Any] | dict[str, Any]], holds: Callable[[int, float], bool]) -> "Rule":
    return lambda bound, *_: lambda value: not isinstance(value, kind) or holds(len(value), bound)


def _number(holds: Callable[[float, float], bool]) -> "Rule":
    return lambda bound, *_: lambda value: not is_number(value) or holds(value, bound)


Rule = Callable[[Any, Any, Mapping[str, Holds]], Holds]
"""Compiles a rule: its argument, the schema around it, the definitions that it may refer to."""

_RULES: Mapping[str, Rule] = {
    "type": _type,
    "enum": _enum,
    "const": lambda wanted, *_: _enum([wanted]),
    "required": _required,
    "properties": _properties,
    "additionalProperties": _additional,
    "items": _items,
    "prefixItems": _prefix_items,
    "uniqueItems": _unique,
    "pattern": _pattern,
    "minLength": _size(str, ge),
    "maxLength": _size(str, le),
    "minItems": _size(list, ge),
    "maxItems": _size(list, le),
    "minProperties": _size(dict, ge),
    "maxProperties": _size(dict, le),
    "minimum": _number(ge),
    "maximum": _number(le),
    "exclusiveMinimum": _number(gt),
    "exclusiveMaximum": _number(lt),
    "$ref": _reference,
    "not": _not,
    "oneOf": _several(lambda held: sum(held) == 1),
    "anyOf": _several(any),
    "allOf": _several(all),
}
