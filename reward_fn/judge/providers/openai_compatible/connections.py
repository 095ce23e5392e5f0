"""Pooled connections on which a whole response, headers and framing included, ends within one time-out.

urllib3's read time-out is for one read from the socket. Status lines, headers, chunk sizes and trailers are
read inside ``http.client``: a server that drips them, or that sends "100 Continue" without end, would keep a
call for ever.
"""

import http.client
import io
import socket
import time
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection


class _TimedReader(io.RawIOBase):
    """Reads from a socket until an instant on the monotonic clock. Raises TimeoutError after it."""

    def __init__(self, raw: Any, sock: socket.socket, until_s: float) -> None:
        self._raw = raw
        self._sock = sock
        self._until_s = until_s

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """The number of bytes of one read from the socket, 0 at the end."""
        left_s = self._until_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        if self._sock.fileno() != -1:  # http.client closes its own handle if the connection is not kept
            self._sock.settimeout(left_s)
        count: int | None = self._raw.readinto(buffer)
        return count

    def close(self) -> None:
        """Close the socket's file as well."""
        self._raw.close()
        super().close()


class _TimedResponse(http.client.HTTPResponse):
    """A response whose time-out, that of its socket when the response begins, is for all of it."""

    def __init__(self, sock: socket.socket, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        timeout_s = sock.gettimeout()
        if timeout_s is not None:
            raw: Any = self.fp.detach()  # the buffer that makefile() made
            self.fp = io.BufferedReader(_TimedReader(raw, sock, time.monotonic() + timeout_s))


class _Connection(HTTPConnection):
    response_class = _TimedResponse


class _SecureConnection(HTTPSConnection):
    response_class = _TimedResponse


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


def open_pools(*, servers: int, connections: int) -> urllib3.PoolManager:
    """Pools for so many servers, each with so many connections; certificates are checked."""
    pools = urllib3.PoolManager(
        num_pools=servers, maxsize=connections, retries=False, cert_reqs="CERT_REQUIRED"
    )
    pools.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
    return pools
