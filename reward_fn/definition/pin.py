"""A definition stored outside the deployed package: how it is pinned, and what is asked of its bytes.

A pin names one version and its hash, so that what is served can't change under a running job, and every
environment of a function serves the same.
"""

import hashlib
import re
from typing import Literal, NamedTuple

from reward_fn.errors import DefinitionStoreError

MAX_BYTES = 128 * 1024
MAX_DOTS = 256
"""In one line: a key of 60,000 dotted parts costs the TOML parser a minute."""

NOTHING_BESIDE = "a stored definition has no file beside it; write the schema into it, as a table"

SCHEMES = ("s3:", "ssm:")
# Compiled when they are used: most environments serve a shipped definition.
_S3 = r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/([^?#\s][^?#]{0,1023})\?versionId=([\w.~+/=-]{1,1024})"
_SSM = r"ssm:((?:/[A-Za-z0-9_.-]+){1,15}):([1-9][0-9]{0,9})"
_SHA256 = r"[0-9a-f]{64}"


class Pin(NamedTuple):  # a data class takes a millisecond to make at each cold start
    """One version of one object (``place`` its bucket) or parameter (``place`` empty) and where it is."""

    uri: str
    store: Literal["s3", "ssm"]
    place: str
    key: str
    version: str


def is_stored(name: str) -> bool:
    """Whether a REWARD_DEFINITION is a URI, and no shipped name or path."""
    return name.startswith(SCHEMES)


def parse_pin(uri: str) -> Pin:
    """``s3://bucket/key?versionId=V`` (the key as it is, not percent-encoded) or ``ssm:/name:VERSION``.

    Raises ValueError saying what to write instead.
    """
    if found := re.fullmatch(_S3, uri):
        if found[3] == "null":
            raise ValueError('the version is "null": switch the bucket\'s versioning on and upload again')
        return Pin(uri, "s3", *found.groups())
    if found := re.fullmatch(_SSM, uri):
        return Pin(uri, "ssm", "", *found.groups())
    if uri.startswith("ssm:"):
        raise ValueError("write ssm:/name:VERSION, the version a number (a label can move)")
    raise ValueError(
        "write s3://bucket/key?versionId=V, with the object's version id (aws s3api head-object)"
    )


def is_sha256(text: str) -> bool:
    """Whether it is a SHA-256 in 64 lower-case hex digits."""
    return re.fullmatch(_SHA256, text) is not None


def sha256_of(raw: bytes) -> str:
    """The hash of a definition's bytes, as a pin names it."""
    return hashlib.sha256(raw).hexdigest()


def check_hash(found: str, sha256: str, name: str) -> None:
    """Raises DefinitionStoreError where the hash that was found is not the pinned one."""
    if found != sha256:
        raise DefinitionStoreError(
            name,
            f"its sha256 is {found}, but REWARD_DEFINITION_SHA256 is {sha256}; it is not what was pinned. "
            "Pin the version that has this hash, or, where this version is the one that is meant, its hash",
        )


def check_size(raw: bytes, uri: str) -> None:
    """Raises DefinitionStoreError for what no definition can be: too long, or costly to parse."""
    if len(raw) > MAX_BYTES:
        raise DefinitionStoreError(uri, f"it is longer than {MAX_BYTES} bytes, which no definition needs")
    if any(line.count(b".") > MAX_DOTS for line in raw.splitlines()):
        raise DefinitionStoreError(uri, f"a line of it has more than {MAX_DOTS} dots; break it up")
