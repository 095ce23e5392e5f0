"""Access and compare JSON values: by path, by leaves, by strings, and as hashable equivalents."""

from collections.abc import Callable, Iterator
from typing import Any, Final

MISSING: Final = object()
"""The result of :func:`at_path` if there is no value. JSON's null is a value."""

Path = tuple[str, ...]


def at_path(value: Any, path: Path, opened: Callable[[Any], Any] = lambda value: value) -> Any:
    """The value under a path of object keys and list indices (from "0"); ``MISSING`` if there is none.

    ``opened`` is applied to each value on the way before its child is looked up.
    """
    for step in path:
        value = opened(value)
        if isinstance(value, dict):
            value = value.get(step, MISSING)
        elif isinstance(value, list) and step.isascii() and step.isdigit() and len(step) < 10:
            value = value[int(step)] if int(step) < len(value) else MISSING
        else:
            return MISSING
    return value


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value that is not an object, or is an empty one, with its path. A list is one leaf."""
    if isinstance(value, dict) and value:
        for key, child in value.items():
            yield from leaves(child, (*path, key))
    else:
        yield path, value


def strings_in(value: Any) -> Iterator[str]:
    """The string values of a JSON value, in order; keys are left out."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for child in value.values() if isinstance(value, dict) else value:
            yield from strings_in(child)


def frozen(value: Any) -> Any:
    """A hashable equivalent: equal for equal JSON values. 1 equals 1.0 but not true; key order is ignored."""
    if isinstance(value, bool):
        return (bool, value)
    if isinstance(value, list):
        return tuple(map(frozen, value))
    if isinstance(value, dict):
        return frozenset((key, frozen(child)) for key, child in value.items())
    return value
