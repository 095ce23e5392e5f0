"""JSON out of a model's answer, within bounds, so that hostile text costs bounded time and memory."""

import json
import math
import re
from dataclasses import dataclass
from typing import Any

from reward_fn.text.answer import answer_region, unfenced

MAX_CHARS = 400_000
MAX_DEPTH = 32
MAX_LENGTH = 500
MAX_NODES = 20_000
MAX_DIGITS = 40

_HALF_PAIR = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Parsed:
    """A JSON value, or ``error``: why there is none ("" where there is one)."""

    value: Any = None
    error: str = ""


def parse_answer(text: str) -> Parsed:
    """:func:`parse_json` of the answer part of a response: solution tags, leading thoughts, one fence go."""
    return parse_json(unfenced(answer_region(text)))


def parse_json(text: str) -> Parsed:
    """Parse a text that is all JSON.

    Refused, each with its reason: text beyond ``MAX_CHARS`` characters, nesting beyond ``MAX_DEPTH``, a list
    or object of more than ``MAX_LENGTH`` entries, more than ``MAX_NODES`` values, numbers beyond
    ``MAX_DIGITS`` characters, NaN and infinities, and an object that has a key twice. Half of a surrogate
    pair becomes U+FFFD, since no library in another language can hold it. Never raises.
    """
    if not text:
        return Parsed(error="empty")
    if len(text) > MAX_CHARS:
        return Parsed(error=f"longer than {MAX_CHARS} characters")
    try:
        value = json.loads(
            text,
            parse_int=_integer,
            parse_float=_finite,
            parse_constant=_finite,
            object_pairs_hook=_unique,
        )
    except RecursionError:
        return Parsed(error=f"nested deeper than {MAX_DEPTH}")
    except json.JSONDecodeError as error:
        return Parsed(error=f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}")
    except ValueError as error:
        return Parsed(error=f"not JSON: {error}")
    excess = _beyond_bounds(value) if _may_be_beyond(text) else ""
    if excess:
        return Parsed(error=excess)
    return Parsed(_without_half_pairs(value) if _may_hold_half_pairs(text) else value)


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"a number of {len(digits)} digits")
    return int(digits)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(found := dict(pairs)) < len(pairs):
        raise ValueError("an object has a key twice")
    return found


def _may_hold_half_pairs(text: str) -> bool:
    if "\\ud" in text or "\\uD" in text:
        return True
    try:
        return not (text.isascii() or text.encode())
    except UnicodeEncodeError:
        return True


def _without_half_pairs(value: Any) -> Any:
    """The value, whose depth is bounded, with U+FFFD for each half of a surrogate pair."""
    if isinstance(value, str):
        return _HALF_PAIR.sub("\ufffd", value)
    if isinstance(value, list):
        return [_without_half_pairs(item) for item in value]
    if isinstance(value, dict):
        return {_HALF_PAIR.sub("\ufffd", key): _without_half_pairs(item) for key, item in value.items()}
    return value


def _finite(literal: str) -> float:
    value = float(literal) if len(literal) <= MAX_DIGITS else math.inf
    if not math.isfinite(value):
        raise ValueError("a number that is not finite or too long")
    return value


def deeper_than(limit: int, value: Any) -> bool:
    """Whether a JSON value is nested deeper than ``limit`` levels; without recursion."""
    level = [value]
    for _ in range(limit + 1):
        level = _below(level)
        if not level:
            return False
    return True


def _below(level: list[Any]) -> list[Any]:
    """The values one level down."""
    below: list[Any] = []
    for node in level:
        if isinstance(node, dict):
            below.extend(node.values())
        elif isinstance(node, list):
            below.extend(node)
    return below


def _may_be_beyond(text: str) -> bool:
    """Whether a value of this JSON may exceed a bound: all but one follow a comma or an opening bracket."""
    opened = text.count("{") + text.count("[")
    return opened > MAX_DEPTH or opened + text.count(",") > MAX_LENGTH


def _beyond_bounds(value: Any) -> str:
    """The name of the first bound that is exceeded, or ""."""
    level, depth, nodes = [value], 0, 0
    while level:
        nodes += len(level)
        if depth > MAX_DEPTH:
            return f"nested deeper than {MAX_DEPTH}"
        if nodes > MAX_NODES:
            return f"more than {MAX_NODES} values"
        if any(isinstance(node, dict | list) and len(node) > MAX_LENGTH for node in level):
            return f"a list or object of more than {MAX_LENGTH} entries"
        level, depth = _below(level), depth + 1
    return ""
