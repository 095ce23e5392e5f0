"""How right a JSON value is, in [0, 1], where the reference has another: one function for each comparison."""

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from reward_fn.text.bounded_json import parse_json
from reward_fn.text.dates import dates_in
from reward_fn.text.json_values import Path, at_path, frozen
from reward_fn.text.normalise import folded
from reward_fn.text.words import overlap, word_counts

Compare = Callable[[Any, Any], float]
"""How right a value is, in [0, 1], where the reference has the other."""


def unpacked(value: Any) -> Any:
    """The object or list that a text holds, as the arguments of a tool call do; else the value itself."""
    is_open = isinstance(value, str) and value.lstrip()[:1] in ("{", "[")
    return _unpacked(value) if is_open else value


@lru_cache(maxsize=4)
def _unpacked(text: str) -> Any:
    """Remembered, since many fields may lie in one text."""
    parsed = parse_json(text.strip())
    return text if parsed.error else parsed.value


def reach(value: Any, path: Path) -> Any:
    """What stands under a path, which may lead through JSON inside texts; ``MISSING`` for nothing."""
    return at_path(value, path, unpacked)


def exact(value: Any, right: Any) -> float:
    """The same JSON value; JSON in a text is compared as JSON."""
    return float(frozen(value) == frozen(right) or frozen(unpacked(value)) == frozen(unpacked(right)))


def text(value: Any, right: Any) -> float:
    """The same text but for case, white space and quotation marks."""
    same = isinstance(value, str) and isinstance(right, str) and folded(value) == folded(right)
    return float(same) or exact(value, right)


def similar(value: Any, right: Any) -> float:
    """F1 of the words of two texts."""
    if not isinstance(value, str) or not isinstance(right, str):
        return exact(value, right)
    return overlap(word_counts(value), word_counts(right)) or text(value, right)


def number(tolerance: float, relative: float) -> Compare:
    """Numbers within the wider tolerance, also those of texts that hold one number."""
    from fractions import Fraction  # these two only where numbers are compared: 4 ms of a cold start

    from reward_fn.text.numbers import numbers_in

    absolute, share = Fraction(str(tolerance)), Fraction(str(relative))

    def read(value: Any) -> Fraction | None:
        if isinstance(value, str):
            found = numbers_in(value)
            return found[0] if found and len(found) == 1 else None
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return Fraction(str(value)) if is_number and math.isfinite(value) else None

    def compare(value: Any, right: Any) -> float:
        given, wanted = read(value), read(right)
        if given is None or wanted is None:
            return float(value is None and right is None)
        return float(abs(given - wanted) <= max(absolute, share * abs(wanted)))

    return compare


def days(tolerance: float) -> Compare:
    """The same date however it is written, or one at most ``tolerance`` days away; else the same text."""

    def compare(value: Any, right: Any) -> float:
        given, wanted = (dates_in(each) if isinstance(each, str) else frozenset() for each in (value, right))
        if len(given) == len(wanted) == 1:
            (one,), (other,) = given, wanted
            return float(abs((one - other).days) <= tolerance)
        return text(value, right)

    return compare
