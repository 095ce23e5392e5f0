"""Parse JSON in a model's answer within bounds, so that hostile text costs bounded time and memory."""

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

_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Parsed:
    """A JSON value. If it could not be parsed, ``error`` gives the reason; else ``error`` is ""."""

    value: Any = None
    error: str = ""


def parse_answer(text: str) -> Parsed:
    """Parse the answer part of a response, without solution tags, leading thoughts and code fence."""
    return parse_json(unfenced(answer_region(text)))


def parse_json(text: str) -> Parsed:
    """Parse a text that consists of JSON only. Never raises.

    Refused, with a reason: text beyond ``MAX_CHARS`` characters, nesting beyond ``MAX_DEPTH``, a list or
    object of more than ``MAX_LENGTH`` entries, more than ``MAX_NODES`` values, numbers beyond ``MAX_DIGITS``
    characters, NaN and infinities, and an object with a duplicate key. A lone surrogate becomes U+FFFD, since
    other languages cannot represent it.
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
    excess = _exceeded_bound(value) if _may_exceed_bounds(text) else ""
    if excess:
        return Parsed(error=excess)
    return Parsed(_without_lone_surrogates(value) if _may_hold_lone_surrogates(text) else value)


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"a number of {len(digits)} digits")
    return int(digits)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(unique := dict(pairs)) < len(pairs):
        raise ValueError("an object has a key twice")
    return unique


def _may_hold_lone_surrogates(text: str) -> bool:
    if "\\ud" in text or "\\uD" in text:
        return True
    try:
        return not (text.isascii() or text.encode())
    except UnicodeEncodeError:
        return True


def _without_lone_surrogates(value: Any) -> Any:
    """The value with U+FFFD for each lone surrogate. Recursion is safe, since the depth is bounded."""
    if isinstance(value, str):
        return _LONE_SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_without_lone_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {
            _LONE_SURROGATE.sub("\ufffd", key): _without_lone_surrogates(item) for key, item in value.items()
        }
    return value


def _finite(literal: str) -> float:
    value = float(literal) if len(literal) <= MAX_DIGITS else math.inf
    if not math.isfinite(value):
        raise ValueError("a number that is not finite or too long")
    return value


def deeper_than(limit: int, value: Any) -> bool:
    """Whether a JSON value is nested deeper than ``limit`` levels; implemented without recursion."""
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


def _may_exceed_bounds(text: str) -> bool:
    """Whether the value of a JSON text may exceed a bound; a cheap upper estimate.

    Every value but the first follows a comma or an opening bracket.
    """
    opened = text.count("{") + text.count("[")
    return opened > MAX_DEPTH or opened + text.count(",") > MAX_LENGTH


def _exceeded_bound(value: Any) -> str:
    """A message about the first bound that is exceeded, or ""."""
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
