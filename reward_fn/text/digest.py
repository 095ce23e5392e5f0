"""A hash of several texts."""

import hashlib
from collections.abc import Iterator
from typing import Any


def digest(*parts: str) -> str:
    """SHA-256 as 64 hex digits. Lengths are hashed too, so that the borders between parts count."""
    sha256 = hashlib.sha256()
    for part in parts:
        encoded = part.encode("utf-8", "surrogatepass")
        sha256.update(b"%d:" % len(encoded))
        sha256.update(encoded)
    return sha256.hexdigest()


def strings_of(value: Any) -> Iterator[str]:
    """A JSON value of bounded nesting as texts to hash: strings unchanged, other scalars by ``repr``."""
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
