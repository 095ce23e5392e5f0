"""A bucket on loopback that takes objects, refuses them, resets connections, or never answers."""

import threading
from collections.abc import Callable
from typing import Any

from tests.loopback import LoopbackServer, QuietHandler, reset
from tests.stores.lambda_api import WAIT_S


class S3Server(LoopbackServer):
    """`with S3Server() as s3:` keeps what is PUT; ``objects`` by path, ``headers`` of the last one.

    ``before`` is called before an object is stored. With ``hangs`` no request is ever answered. The first
    ``resets`` requests on a connection that has served one before are reset.
    """

    def __init__(self, *, status: int = 200, hangs: bool = False) -> None:
        super().__init__(_Handler)
        self.status = status
        self.hangs = hangs
        self.before: Callable[[], None] = lambda: None
        self.resets = 0
        self.changed = threading.Condition()
        self.asked = 0
        self.objects: dict[str, bytes] = {}
        self.headers: dict[str, Any] = {}

    def wait_for(self, count: int) -> None:
        """Until so many objects are there."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.objects) >= count, WAIT_S)


class _Handler(QuietHandler):
    served = 0

    def do_PUT(self) -> None:  # noqa: N802 - the name that the library calls
        s3 = self.server
        assert isinstance(s3, S3Server)
        s3.asked += 1
        if self.served and s3.resets:
            s3.resets -= 1
            reset(self.connection)
            self.close_connection = True
            return
        self.served += 1
        body = self._chunked() if self.headers.get("Transfer-Encoding") else self._plain()
        if s3.hangs:
            s3.stopping.wait()
            self.close_connection = True
            return
        s3.before()
        if s3.status == 200:
            with s3.changed:
                s3.objects[self.path] = body
                s3.headers = dict(self.headers.items())
                s3.changed.notify_all()
        self.send_response(s3.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _plain(self) -> bytes:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return _unchunked(body) if "aws-chunked" in (self.headers.get("Content-Encoding") or "") else body

    def _chunked(self) -> bytes:
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return _unchunked(b"".join(parts))


def _unchunked(body: bytes) -> bytes:
    """The content of botocore's own chunks, where it signs them so; else the body as it is."""
    head, _, rest = body.partition(b"\r\n")
    try:
        return rest[: int(head.split(b";")[0], 16)] if len(head) < 100 else body
    except ValueError:
        return body
