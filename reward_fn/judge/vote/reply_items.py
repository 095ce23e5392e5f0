"""Put the items of a reply in order. A list was requested; an object keyed by item number is accepted too.

An item's number is its property ``item``, or its key in the object; "item_2" and "2" are valid numbers. A
list without any numbers is read by position if it has exactly the right length, since the prompt numbers the
items and asks for them in order. Anything that could be read in two ways is malformed.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from reward_fn.errors import JudgeFailure
from reward_fn.judge.ask.verdict_schema import ITEM
from reward_fn.text.bounded_json import parse_json
from reward_fn.types.unscored import Reason

_NUMBER = re.compile(r"(?:item_)?([1-9][0-9]{0,3})")


def unwrapped(part: Any) -> Any:
    """The value of a JSON string, which some models send for an object or list; else the part unchanged."""
    if isinstance(part, str) and part.lstrip()[:1] in ("{", "["):
        parsed = parse_json(part.strip())
        return part if parsed.error else parsed.value
    return part


def in_order(part: Any, count: int) -> Sequence[Any]:
    """The entries of items 1 to ``count``, in order; each may still hold its number.

    Raises JudgeFailure: malformed if a number is repeated, contradictory or out of range; incomplete if an
    item is missing.
    """
    part = unwrapped(part)
    if isinstance(part, dict) and count == 1 and all(_number(key) is None for key in part):
        part = [part]
    if isinstance(part, dict):
        return _by_number(((key, _of_number(unwrapped(level), key)) for key, level in part.items()), count)
    if not isinstance(part, list):
        raise JudgeFailure(Reason.MALFORMED, "items is not a list")
    levels = [unwrapped(level) for level in part]
    if not all(isinstance(level, dict) for level in levels):
        raise JudgeFailure(Reason.MALFORMED, "items holds something that is not an object")
    if any(ITEM in level for level in levels):
        return _by_number(((level.get(ITEM), level) for level in levels), count)
    if len(levels) == count:
        return levels
    reason = Reason.INCOMPLETE if len(levels) < count else Reason.MALFORMED
    raise JudgeFailure(reason, f"{len(levels)} items without numbers, of {count}")


def _by_number(numbered: Iterable[tuple[Any, Any]], count: int) -> Sequence[Any]:
    ordered: list[Any] = [None] * count
    for value, level in numbered:
        number = _number(value)
        if number is None or number > count or ordered[number - 1] is not None:
            raise JudgeFailure(Reason.MALFORMED, "items holds an item of an unknown or repeated number")
        ordered[number - 1] = level
    if None in ordered:
        raise JudgeFailure(Reason.INCOMPLETE, f"item {ordered.index(None) + 1} is missing")
    return ordered


def _of_number(level: Any, key: str) -> Any:
    """The entry under ``key``. A number inside the entry must be the same as the key."""
    if isinstance(level, dict) and ITEM in level and _number(level[ITEM]) != _number(key):
        raise JudgeFailure(Reason.MALFORMED, "an item has two numbers")
    return level


def _number(value: Any) -> int | None:
    """A positive whole number, from a number or a text; None for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value if value > 0 else None
    match = _NUMBER.fullmatch(value) if isinstance(value, str) else None
    return int(match[1]) if match else None
