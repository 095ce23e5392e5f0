"""What one record holds: numbers, its id and its response."""

import json
import math
from collections.abc import Mapping
from typing import Any

NAN = math.nan


def number(value: Any, default: float = NAN) -> float:
    """Return a finite number as float, ``default`` for anything else."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and math.isfinite(value) else default


def id_text(value: Any) -> str:
    """Return an id as text: a string as it is, any other value as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def response_of(row: Mapping[str, Any] | None) -> str | None:
    """Return the response's text in a record's ``row``; None if the row is not there or has no response."""
    messages = (row or {}).get("messages") or ()
    if not messages or messages[-1].get("role") != "assistant":
        return None
    content = messages[-1].get("content")
    if isinstance(content, str):
        return content
    return "".join(str(block.get("text", "")) for block in content or () if isinstance(block, dict))


def response_length(row: Mapping[str, Any] | None) -> float:
    """Return the number of characters of the response, NaN without one."""
    response = response_of(row)
    return NAN if response is None else float(len(response))
