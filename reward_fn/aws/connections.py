"""A second attempt at a request whose pooled connection turned out to be stale.

A connection that was pooled before Lambda froze the environment may be dead when it thaws: the other end has
closed it, or a gateway on the way has forgotten it. urllib3 replaces a pooled connection only if the close
has already arrived; otherwise the next request on it is answered by a reset. With its retries off, botocore
makes no second attempt.
"""

import time
from collections.abc import Callable
from typing import TypeVar

from botocore.exceptions import ConnectionClosedError

T = TypeVar("T")

STALE_S = 1.0
"""An error within this time counts as a stale connection: the reset comes one round trip after the request.
No model answers as fast, so nothing is paid for twice."""


class Connections:
    """The pooled connections of one client, for many threads.

    ``closed`` is the client's error for a connection that the other end has closed.
    """

    def __init__(self, closed: type[Exception] = ConnectionClosedError) -> None:
        self._closed = closed
        self._has_answered = False

    def call(self, send: Callable[[], T]) -> T:
        """Return what ``send`` returns; call it once more if it met a stale connection.

        The pool is last in, first out: the second attempt gets a new connection, or one that has just worked.
        Before the first answer no connection is pooled, so none can be stale.
        """
        begun_s = time.monotonic()
        try:
            answer = send()
        except self._closed:
            if not self._has_answered or time.monotonic() - begun_s > STALE_S:
                raise
            answer = send()
        self._has_answered = True
        return answer
