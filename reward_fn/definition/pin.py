"""A definition stored outside the deployed package: its pin, and the limits on its size.

A pin names one version and its hash, so that the definition can't change during a job, and every environment
of a function serves the same one.
"""

import hashlib
import re
from typing import Literal, NamedTuple

from reward_fn.errors import DefinitionStoreError

MAX_BYTES = 128 * 1024
MAX_DOTS = 256
"""Dots in one line: a key of 60,000 dotted parts takes the TOML parser a minute."""

NOTHING_BESIDE = "a stored definition can't refer to files; write the content into it, a schema as a table"

SCHEMES = ("s3:", "ssm:")
# Compiled at first use: most environments serve a shipped definition.
_S3 = r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/([^?#\s][^?#]{0,1023})\?versionId=([\w.~+/=-]{1,1024})"
_SSM = r"ssm:((?:/[A-Za-z0-9_.-]+){1,15}):([1-9][0-9]{0,9})"
_SHA256 = r"[0-9a-f]{64}"


class Pin(NamedTuple):  # a dataclass would cost each cold start a millisecond
    """One version of an S3 object (``place`` is its bucket) or of an SSM parameter (``place`` is "")."""

    uri: str
    store: Literal["s3", "ssm"]
    place: str
    key: str
    version: str


def is_stored(name: str) -> bool:
    """Whether a REWARD_DEFINITION is a URI rather than a shipped name or a path."""
    return name.startswith(SCHEMES)


def parse_pin(uri: str) -> Pin:
    """The pin in ``s3://bucket/key?versionId=V`` (the key not percent-encoded) or ``ssm:/name:VERSION``.

    Raises ValueError that says what to write instead.
    """
    if match := re.fullmatch(_S3, uri):
        if match[3] == "null":
            raise ValueError('the version is "null"; turn on versioning for the bucket and upload again')
        return Pin(uri, "s3", *match.groups())
    if match := re.fullmatch(_SSM, uri):
        return Pin(uri, "ssm", "", *match.groups())
    if uri.startswith("ssm:"):
        raise ValueError("write ssm:/name:VERSION, the version a number (a label can move)")
    raise ValueError(
        "write s3://bucket/key?versionId=V, with the object's version id (aws s3api head-object)"
    )


def is_sha256(text: str) -> bool:
    """Whether a text is a SHA-256 hash in 64 lower-case hex digits."""
    return re.fullmatch(_SHA256, text) is not None


def sha256_of(raw: bytes) -> str:
    """The SHA-256 hash of a definition's bytes in lower-case hex digits."""
    return hashlib.sha256(raw).hexdigest()


def check_hash(actual: str, pinned: str, name: str) -> None:
    """Raises DefinitionStoreError if the definition's actual hash is not the pinned one."""
    if actual != pinned:
        raise DefinitionStoreError(
            name,
            f"its sha256 is {actual}, but REWARD_DEFINITION_SHA256 is {pinned}. Pin the version that has the "
            "pinned hash; or, if this version is right, set REWARD_DEFINITION_SHA256 to its hash",
        )


def check_size(raw: bytes, uri: str) -> None:
    """Raises DefinitionStoreError for bytes that are too long or would take too long to parse."""
    if len(raw) > MAX_BYTES:
        raise DefinitionStoreError(uri, f"it is longer than {MAX_BYTES} bytes; shorten it")
    if any(line.count(b".") > MAX_DOTS for line in raw.splitlines()):
        raise DefinitionStoreError(uri, f"a line of it has more than {MAX_DOTS} dots; split the line")
