"""One hash over several texts."""

import hashlib
from collections.abc import Iterator
from typing import Any


def digest(*parts: str) -> str:
    """64 hex digits; no two different sequences of parts read the same, whatever the parts hold."""
    seen = hashlib.sha256()
    for part in parts:
        encoded = part.encode("utf-8", "surrogatepass")
        seen.update(b"%d:" % len(encoded))
        seen.update(encoded)
    return seen.hexdigest()


def strings_of(value: Any) -> Iterator[str]:
    """A JSON value as texts to digest: its strings as they are, the rest by ``repr``; bounded nesting."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield f"\0object {len(value)}"
        for key, child in value.items():
            yield key
            yield from strings_of(child)
    elif isinstance(value, list):
        yield f"\0list {len(value)}"
        for child in value:
            yield from strings_of(child)
    else:
        yield repr(value)
