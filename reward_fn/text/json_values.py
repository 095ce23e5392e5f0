"""JSON values taken apart: by paths, into leaves, into strings, and as hashable twins for comparing."""

from collections.abc import Callable, Iterator
from typing import Any, Final

MISSING: Final = object()
"""What :func:`at_path` gives where there is nothing; JSON's null is a value."""

Path = tuple[str, ...]


def at_path(value: Any, path: Path, opened: Callable[[Any], Any] = lambda value: value) -> Any:
    """What stands under a path of keys, or of places in lists, from "0"; ``MISSING`` where nothing does.

    ``opened`` turns each value on the way into the one to look into.
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
    """Every value that is no object with something in it, with its path; a list is one leaf."""
    if isinstance(value, dict) and value:
        for key, child in value.items():
            yield from leaves(child, (*path, key))
    else:
        yield path, value


def strings_in(value: Any) -> Iterator[str]:
    """The strings of a JSON value that are values, not keys, in order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for child in value.values() if isinstance(value, dict) else value:
            yield from strings_in(child)


def frozen(value: Any) -> Any:
    """A hashable twin, equal where two JSON values are: 1 and 1.0, not 1 and true; the keys' order aside."""
    if isinstance(value, bool):
        return (bool, value)
    if isinstance(value, list):
        return tuple(map(frozen, value))
    if isinstance(value, dict):
        return frozenset((key, frozen(child)) for key, child in value.items())
    return value
