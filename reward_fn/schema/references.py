"""The size of a JSON Schema with its references expanded; schemas that are endless or huge are refused.

``jsonschema-rs`` expands references that are not recursive, and some references that lead back to themselves
at the same value crash the process. A reference is followed to every place that it may mean, so that the
measured size is never smaller than the applied one.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import unquote

from reward_fn.text.json_values import MISSING, at_path

MAX_SCHEMAS = 10_000
"""As many subschemas as a schema of 100 kB can hold without references."""
MAX_CHAIN = 150
"""Levels of nesting, and references in a row; the library recurses through them."""

_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
_DEFINITIONS = frozenset({"$defs", "definitions"})
_MAPS = frozenset({"properties", "patternProperties", "dependentSchemas", "dependencies"})
_SAME_VALUE = frozenset(
    {"allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas", "dependencies"}
)


class Extent(NamedTuple):
    """The size of a schema: its subschemas and pattern searches, and whether it is recursive."""

    schemas: int
    patterns: int
    recursive: bool


def measure(schema: Mapping[str, Any]) -> Extent:
    """The extent of a schema. Raises ValueError, with the remedy, if it is too large to apply."""
    walk = _Walk(schema)
    known: dict[int, int] = {}
    for node in walk.nodes:
        walk.size(node, known, same_value=True)
    known = {}
    total = max(walk.size(node, known, same_value=False) for node in walk.nodes)
    unevaluated = sorted({key for node in walk.nodes for key in node if key.startswith("unevaluated")})
    if walk.recursive and unevaluated:
        raise ValueError(f'"{unevaluated[0]}" in a recursive schema is not supported; list what is allowed')
    return Extent(total, sum(map(_patterns, walk.nodes)), walk.recursive)


class _Walk:
    """A schema with its references followed."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self.recursive = False
        self.nodes = [node for node in _nested(schema, 0) if isinstance(node, dict)]
        named = [node for node in self.nodes if isinstance(node.get("$id", node.get("id")), str)]
        self._bases = [schema, *(node for node in named if node is not schema)]

    def size(self, node: Any, known: dict[int, int], *, same_value: bool, depth: int = 0) -> int:
        """The number of subschemas of a node, expanded; a node that leads back to itself counts as 1."""
        if id(node) in known:
            if not known[id(node)] and same_value:
                raise ValueError(
                    '"$ref" leads back to itself at the same value; refer to a part of the value'
                )
            self.recursive |= not known[id(node)]
            return known[id(node)] or 1
        if depth > MAX_CHAIN:
            raise ValueError(f"more than {MAX_CHAIN} references or levels in a row; use fewer")
        known[id(node)], total = 0, 1
        for child in self._below(node, same_value):
            if not isinstance(child, dict | list):
                continue
            total += self.size(child, known, same_value=same_value, depth=depth + 1)
            if total > MAX_SCHEMAS:
                raise ValueError(f"more than {MAX_SCHEMAS} schemas with all references expanded; use fewer")
        known[id(node)] = total
        return total

    def _below(self, node: Any, same_value: bool) -> Iterator[Any]:
        if isinstance(node, list):
            yield from node
            return
        for key, child in node.items():
            if key in _REFERENCES and isinstance(child, str):
                yield from self._targets(key, child)
            elif key in _DEFINITIONS or (same_value and key not in _SAME_VALUE):
                continue
            elif isinstance(child, dict | list):
                yield from child.values() if key in _MAPS and isinstance(child, dict) else [child]

    def _targets(self, key: str, reference: str) -> Sequence[Any]:
        """Every place in the schema to which a reference may lead."""
        if not reference.startswith("#"):
            raise ValueError(f'"{key}": {reference!r} leads outside the schema; put it under "$defs"')
        name = unquote(reference[1:])
        if name and not name.startswith("/"):
            places: list[Any] = [n for n in self.nodes if name in (n.get("$anchor"), n.get("$dynamicAnchor"))]
            places += [n for n in self.nodes if reference in (n.get("$id"), n.get("id"))]
        else:
            steps = tuple(step.replace("~1", "/").replace("~0", "~") for step in name.split("/")[1:])
            places = [place for n in self._bases if (place := at_path(n, steps)) is not MISSING]
        if not places:
            raise ValueError(f'"{key}": {reference!r} is not in the schema; add it under "$defs"')
        return places


def _nested(node: Any, depth: int) -> Iterator[Any]:
    if depth > MAX_CHAIN:
        raise ValueError(f"nested deeper than {MAX_CHAIN} levels; flatten it")
    yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _nested(child, depth + 1)


def _patterns(node: Mapping[str, Any]) -> int:
    """The number of searches in the patterns of a schema; each look-around counts as one."""
    keys = node.get("patternProperties")
    patterns = [*(keys if isinstance(keys, dict) else ()), node.get("pattern")]
    return sum(1 + pattern.count("(?") for pattern in patterns if isinstance(pattern, str))
