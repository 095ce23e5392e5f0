"""Compare a JSON value with the reference's: one function for each comparison, with scores in [0, 1]."""

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
"""Scores a value against the reference value, in that order: 1.0 is equal, 0.0 is entirely different."""


def unpacked(value: Any) -> Any:
    """The object or list encoded in a string, as in a tool call's arguments; any other value unchanged."""
    is_open = isinstance(value, str) and value.lstrip()[:1] in ("{", "[")
    return _unpacked(value) if is_open else value


@lru_cache(maxsize=4)
def _unpacked(text: str) -> Any:
    """The parsed text, or the text itself if it is not JSON; cached, since many fields may lie in it."""
    parsed = parse_json(text.strip())
    return text if parsed.error else parsed.value


def reach(value: Any, path: Path) -> Any:
    """The value under a path, which may lead through JSON inside strings; ``MISSING`` if there is none."""
    return at_path(value, path, unpacked)


def exact(value: Any, right: Any) -> float:
    """1.0 for equal JSON values, else 0.0; JSON inside a string is compared as JSON."""
    return float(frozen(value) == frozen(right) or frozen(unpacked(value)) == frozen(unpacked(right)))


def text(value: Any, right: Any) -> float:
    """1.0 for texts equal but for case, white space and quotation marks; other values by ``exact``."""
    same = isinstance(value, str) and isinstance(right, str) and folded(value) == folded(right)
    return float(same) or exact(value, right)


def similar(value: Any, right: Any) -> float:
    """Word overlap (F1) of two texts; other values by ``exact``."""
    if not isinstance(value, str) or not isinstance(right, str):
        return exact(value, right)
    return overlap(word_counts(value), word_counts(right)) or text(value, right)


def number(tolerance: float, relative: float) -> Compare:
    """A comparison of numbers, or of strings that hold one number.

    Numbers are equal within the wider of two tolerances: ``tolerance``, absolute, and ``relative``, a share
    of the reference. Two values that are not numbers are equal only if both are null.
    """
    from fractions import Fraction  # imported at first use: 4 ms of a cold start

    from reward_fn.text.numbers import numbers_in

    absolute, share = Fraction(str(tolerance)), Fraction(str(relative))

    def read(value: Any) -> Fraction | None:
        if isinstance(value, str):
            numbers = numbers_in(value)
            return numbers[0] if numbers and len(numbers) == 1 else None
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return Fraction(str(value)) if is_number and math.isfinite(value) else None

    def compare(value: Any, right: Any) -> float:
        value_number, right_number = read(value), read(right)
        if value_number is None or right_number is None:
            return float(value is None and right is None)
        return float(abs(value_number - right_number) <= max(absolute, share * abs(right_number)))

    return compare


def days(tolerance: float) -> Compare:
    """A comparison of dates, equal if at most ``tolerance`` days apart; other texts by ``text``."""

    def compare(value: Any, right: Any) -> float:
        dates, right_dates = (dates_in(v) if isinstance(v, str) else frozenset() for v in (value, right))
        if len(dates) == len(right_dates) == 1:
            (one,), (other,) = dates, right_dates
            return float(abs((one - other).days) <= tolerance)
        return text(value, right)

    return compare
