"""Any JSON Schema compiled with the ``jsonschema`` library: safe against hostile values.

Imported only where :mod:`reward_fn.schema` can't decide alone. The library's rules that a value could make
endless are replaced by those of :mod:`reward_fn.schema_rules`. And where a schema is plain (no references, no
dynamic scope), the rules are applied directly, without the library's descent: that re-derives the scope at
every value, which costs more than all other checks together.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, best_match
from jsonschema.protocols import Validator
from jsonschema.validators import extend, validator_for
from referencing import Registry, Resource
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012

from reward_fn.schema_rules import Budget, Undecided, bounded_rules

_PLAIN = frozenset(
    {
        *("type", "enum", "const", "properties", "required", "items", "additionalProperties"),
        *("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "pattern"),
        *("$schema", "$comment", "title", "description", "default", "examples"),
    }
)

_PROBES: tuple[Any, ...] = (None, True, 0, "", [], {}, [[]], {"": {}})
"""One value of each type: enough to find a reference that leads to itself."""

Locate = Callable[[Any], str]
"""As :data:`reward_fn.schema.Locate`."""


def compile_with_library(schema: dict[str, Any]) -> Locate:
    """The function that decides on values. They must be bounded already: see ``bounded_json``.

    Raises ValueError where the schema is not valid, refers outside itself or has a pattern that is none or
    hopeless; nothing is ever fetched.
    """
    base = validator_for(schema, default=Draft202012Validator)
    try:
        base.check_schema(schema)
    except SchemaError as error:
        raise ValueError(f"not a valid JSON Schema at {error.json_path}: {error.message}") from error
    _refuse_outside_references(schema)
    budget = Budget()
    rules = bounded_rules(schema, base.VALIDATORS, budget)
    bounded = extend(base, rules)  # type: ignore[no-untyped-call]
    validator: Validator = bounded(schema, registry=Registry())
    plain = _compiled(schema, validator) if base is Draft202012Validator and _is_plain(schema) else None
    try:
        for probe in _PROBES:
            budget.renew()
            validator.is_valid(probe)
    except (RecursionError, Undecided) as error:
        raise ValueError('"$ref" leads back to itself without coming to anything') from error

    def locate(value: Any) -> str:
        budget.renew()
        try:
            if _holds(plain, value, validator) if plain else validator.is_valid(value):
                return ""
            worst = best_match(validator.iter_errors(value))
        except Undecided as undecided:
            return str(undecided)
        finally:
            budget.end()
        return "/".join(map(str, worst.absolute_schema_path)) if worst else "its root"

    return locate


def _refuse_outside_references(schema: Mapping[str, Any]) -> None:
    resource = Resource.from_contents(schema, default_specification=DRAFT202012)
    registry: Registry[Any] = Registry().with_resource("", resource)
    for reference in _references(schema):
        if not reference.startswith("#"):
            raise ValueError(f'"$ref": {reference!r} leads outside the schema; put it under "$defs"')
        try:
            registry.resolver().lookup(reference)
        except Unresolvable as error:
            raise ValueError(f'"$ref": {reference!r} is not in the schema') from error


def _references(node: Any) -> Iterator[str]:
    """Every ``$ref`` and ``$dynamicRef`` in a schema."""
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    if isinstance(node, dict):
        yield from (node[key] for key in ("$ref", "$dynamicRef") if isinstance(node.get(key), str))
    for child in children:
        yield from _references(child)


def _is_plain(schema: Any) -> bool:
    if not isinstance(schema, dict) or not schema.keys() <= _PLAIN:
        return False
    below = [*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])]
    return isinstance(schema.get("additionalProperties", False), bool) and all(map(_is_plain, below))


class _Node(NamedTuple):
    """A plain schema with the library's rules looked up: its own, those of its properties and its items."""

    schema: Mapping[str, Any]
    rules: tuple[tuple[Any, Any], ...]
    properties: tuple[tuple[str, "_Node"], ...]
    items: "_Node | None"


def _compiled(schema: Mapping[str, Any], validator: Any) -> _Node:
    rules = validator.VALIDATORS
    below = schema.get("properties", {})
    return _Node(
        schema,
        tuple((rules[k], v) for k, v in schema.items() if k in rules and k not in ("properties", "items")),
        tuple((name, _compiled(child, validator)) for name, child in below.items()),
        _compiled(schema["items"], validator) if "items" in schema else None,
    )


def _holds(node: _Node, value: Any, validator: Validator) -> bool:
    for rule, argument in node.rules:
        for _ in rule(validator, argument, value, node.schema) or ():
            return False
    if isinstance(value, dict):
        return all(_holds(child, value[name], validator) for name, child in node.properties if name in value)
    if isinstance(value, list) and node.items:
        return all(_holds(node.items, item, validator) for item in value)
    return True
