"""Read the body of an HTTP response within a limit on its time and one on its size.

A client's read time-out is for one read from the socket: a reply that drips, a byte every few seconds, never
meets it.
"""

import time
from typing import Any

MAX_REPLY_BYTES = 4 * 1024 * 1024
"""The longest output of a model on Bedrock is 128,000 tokens (Claude's). At four characters each, all of them
written as \\u escapes of six bytes, that is 3 MB."""
CHUNK_BYTES = 64 * 1024


class ReplyTooLongError(Exception):
    """A body is longer than the client takes."""


def read_body(raw: Any, until_s: float, max_bytes: int = MAX_REPLY_BYTES) -> bytes:
    """The body of a urllib3 response that is not read yet; ``until_s`` is on the monotonic clock.

    A connection that is left before the end of the body is closed. Raises TimeoutError, ReplyTooLongError and
    urllib3's errors.
    """
    parts: list[bytes] = []
    left_bytes = max_bytes
    try:
        while part := _read_some(raw, until_s):
            parts.append(part)
            left_bytes -= len(part)
            if left_bytes < 0:
                raise ReplyTooLongError(f"a reply of more than {max_bytes} bytes")
    except BaseException:  # raised again: an unread connection must not return to the pool
        raw.close()
        raise
    return b"".join(parts)


def _read_some(raw: Any, until_s: float) -> bytes:
    """The result of one read from the socket, empty at the end. Raises TimeoutError when time is up."""
    left_s = until_s - time.monotonic()
    if left_s <= 0:
        raise TimeoutError
    socket = getattr(raw.connection, "sock", None)  # None if the service closes after this reply
    if socket is not None:
        socket.settimeout(left_s)
    part: bytes = raw.read1(CHUNK_BYTES)
    return part
