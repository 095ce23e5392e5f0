"""The rules of JSON Schema whose cost a value could blow up, in versions that end.

All rules share the time of one value, patterns run with a time-out of their own, ``uniqueItems`` takes linear
time, and references are followed a bounded number of times, since alternatives that lead back to themselves
double the work at every level. A value for which one of these gives up is invalid, whatever the rest of the
schema makes of it (``not``, ``anyOf``).
"""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from jsonschema.exceptions import ValidationError

from reward_fn.text.batch_time import Spent
from reward_fn.text.json_values import frozen
from reward_fn.text.patterns import Allowance, compile_pattern

VALUE_S, SHORT_VALUE_S, BATCH_VALUES_S = 0.5, 0.05, 2.0
"""Processor time for one value, and for one once the values of a batch have taken ``BATCH_VALUES_S``. A list
of 500 objects with ten references each takes 0.1 s; nested combinations (anyOf, oneOf) can multiply without
bound."""
MAX_REFERENCES = 10_000
"""How often references are followed for one value; a list of 500 objects with ten each is half of it."""

_NO_SCHEMAS = frozenset({"const", "default", "enum", "examples"})

Rule = Callable[[Any, Any, Any, Any], Iterator[ValidationError] | None]
"""A rule as the library calls it: validator, the rule's argument, instance, schema."""


class Undecided(Exception):
    """A rule gave up; the message is its place, as in a schema."""


class Budget:
    """What one value may still cost."""

    def __init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        """Begin with another value."""
        self.references = MAX_REFERENCES
        self.allowance = Allowance()
        self.begun_s = time.process_time()
        self.ends_s = self.begun_s + (VALUE_S if Spent.values_s < BATCH_VALUES_S else SHORT_VALUE_S)

    def end(self) -> None:
        """Count what the value took against its batch."""
        Spent.values_s += time.process_time() - self.begun_s


def bounded_rules(schema: Mapping[str, Any], base: Mapping[str, Rule], budget: Budget) -> dict[str, Rule]:
    """The rules in ``base``, timed, some of them replaced; they raise Undecided.

    Raises ValueError for a pattern in the schema that is none or hopeless, and for a combination of rules
    that can't be bounded.
    """
    found = _Searches(schema, budget)
    if {"unevaluatedProperties", "patternProperties"} <= set(_keywords(schema)):
        raise ValueError('"unevaluatedProperties" beside "patternProperties" is not supported; list the keys')
    rules: dict[str, Rule] = {
        "pattern": _pattern(found),
        "patternProperties": _pattern_properties(found),
        "additionalProperties": _additional_properties(found, base["additionalProperties"]),
        "uniqueItems": _unique_items,
    }
    for keyword in base.keys() & {"$ref", "$dynamicRef", "$recursiveRef"}:
        rules[keyword] = _counted(base[keyword], budget)
    return {keyword: _timed(keyword, rules.get(keyword, rule), budget) for keyword, rule in base.items()}


class _Searches:
    """The patterns of a schema, compiled, with the budget of the value that is looked at."""

    def __init__(self, schema: Mapping[str, Any], budget: Budget) -> None:
        self._searches = {pattern: compile_pattern(pattern) for pattern in _patterns(schema)}
        self._budget = budget

    def __call__(self, pattern: str, text: str, place: str) -> bool:
        """Whether the pattern is found in the text. Raises Undecided."""
        found = self._searches[pattern](text, self._budget.allowance)
        if found is None:
            raise Undecided(f"{place} (not decided in the time given)")
        return found


def _nodes(node: Any) -> Iterator[Mapping[str, Any]]:
    """Every object of a schema that can be a schema itself."""
    if isinstance(node, dict):
        yield node
    below = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in below:
        if key not in _NO_SCHEMAS:
            yield from _nodes(child)


def _keywords(schema: Any) -> Iterator[str]:
    return (keyword for node in _nodes(schema) for keyword in node)


def _patterns(schema: Any) -> Iterator[str]:
    for node in _nodes(schema):
        if isinstance(node.get("pattern"), str):
            yield node["pattern"]
        if isinstance(node.get("patternProperties"), dict):
            yield from node["patternProperties"]


def _pattern(found: _Searches) -> Rule:
    def rule(_: Any, pattern: str, instance: Any, __: Any) -> Iterator[ValidationError]:
        if isinstance(instance, str) and not found(pattern, instance, "pattern"):
            yield ValidationError("does not match the pattern")

    return rule


def _pattern_properties(found: _Searches) -> Rule:
    def rule(validator: Any, schemas: Any, instance: Any, _: Any) -> Iterator[ValidationError]:
        for pattern, schema in schemas.items() if isinstance(instance, dict) else ():
            for key, value in instance.items():
                if found(pattern, key, "patternProperties"):
                    yield from validator.descend(value, schema, path=key, schema_path=pattern)

    return rule


def _additional_properties(found: _Searches, base: Rule) -> Rule:
    def rule(validator: Any, allowed: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        patterns = schema.get("patternProperties")
        if patterns and isinstance(instance, dict):
            own = schema.get("properties", {})
            matched = [
                key
                for key in instance
                if key not in own and any(found(each, key, "patternProperties") for each in patterns)
            ]
            schema = {"properties": {**own, **dict.fromkeys(matched, True)}}
        yield from base(validator, allowed, instance, schema) or ()

    return rule


def _unique_items(_: Any, wanted: bool, instance: Any, __: Any) -> Iterator[ValidationError]:
    if wanted and isinstance(instance, list) and len({frozen(item) for item in instance}) < len(instance):
        yield ValidationError("has items that are not unique")


def _timed(keyword: str, base: Rule, budget: Budget) -> Rule:
    def rule(validator: Any, argument: Any, instance: Any, schema: Any) -> Iterator[ValidationError] | None:
        if time.process_time() > budget.ends_s:
            raise Undecided(f"{keyword} (not decided in the time given)")
        return base(validator, argument, instance, schema)

    return rule


def _counted(base: Rule, budget: Budget) -> Rule:
    def rule(validator: Any, reference: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        budget.references -= 1
        if budget.references < 0:
            raise Undecided(f"$ref (followed more than {MAX_REFERENCES} times)")
        yield from base(validator, reference, instance, schema) or ()

    return rule
