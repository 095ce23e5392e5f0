"""HTTP exchanges of a botocore client, bounded in time and size.

botocore bounds neither the time nor the size of a whole reply. It lets a handler of its event ``before-send``
answer a request (its documentation, topics/events). An :class:`Exchange` is such a handler: it sends the
request through the client's own session without reading the body, then reads the body itself.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ReadTimeoutError, ResponseStreamingError
from urllib3.exceptions import HTTPError
from urllib3.exceptions import ReadTimeoutError as SocketReadTimeoutError

from reward_fn.aws.connections import Connections
from reward_fn.judge.providers._bounded_body import MAX_REPLY_BYTES, read_body


class Exchange:
    """The ``before-send`` handler of one client, safe for many threads. Make one with :func:`bound`."""

    def __init__(self, session: Any, *, timeout_s: float, max_bytes: int) -> None:
        self._session = session
        self._timeout_s = timeout_s
        self._max_bytes = max_bytes
        self._connections = Connections()
        self._thread = threading.local()

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """The calls of this thread inside the block end after this number of seconds together."""
        self._thread.until_s = time.monotonic() + seconds
        try:
            yield
        finally:
            self._thread.until_s = None

    @contextmanager
    def canned(self, body: bytes) -> Iterator[None]:
        """The calls of this thread inside the block are answered with ``body``, and nothing is sent."""
        self._thread.body = body
        try:
            yield
        finally:
            self._thread.body = None

    def __call__(self, request: Any, **_: Any) -> AWSResponse:
        """The response to a prepared request. Raises botocore's errors, and ReplyTooLongError."""
        if (body := getattr(self._thread, "body", None)) is not None:
            canned = HTTPHeaders.from_dict({"content-type": "application/json"})
            return AWSResponse(request.url, 200, canned, _Body(body))
        until_s = getattr(self._thread, "until_s", None) or time.monotonic() + self._timeout_s
        response = self._send(request, until_s)
        try:
            body = read_body(response.raw, until_s, self._max_bytes)
        except (TimeoutError, SocketReadTimeoutError) as error:
            raise ReadTimeoutError(endpoint_url=request.url, error=error) from error
        except HTTPError as error:
            raise ResponseStreamingError(error=error) from error
        headers: Any = response.headers
        return AWSResponse(request.url, response.status_code, headers, _Body(body))

    def _send(self, request: Any, until_s: float) -> AWSResponse:
        """The response, its body not yet read."""
        left_s = until_s - time.monotonic()
        if left_s <= 0:
            raise ReadTimeoutError(endpoint_url=request.url)
        if left_s < self._timeout_s:
            request.context = {**(request.context or {}), "read_timeout": left_s}
        request.stream_output = True
        response: AWSResponse = self._connections.call(lambda: self._session.send(request))
        return response


def bound(client: Any, *, timeout_s: float, max_bytes: int = MAX_REPLY_BYTES) -> Exchange:
    """Make all exchanges of a client end after ``timeout_s``, its read time-out, and within ``max_bytes``."""
    exchange = Exchange(client._endpoint.http_session, timeout_s=timeout_s, max_bytes=max_bytes)
    client.meta.events.register("before-send", exchange)
    return exchange


class _Body:
    """A body that has been read, as botocore's AWSResponse takes it."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: Any) -> list[bytes]:
        return [self._content]
