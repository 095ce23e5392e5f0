"""A bucket on loopback that takes objects at once, late, or never."""

import time
from typing import Any

from tests.loopback import LoopbackServer, QuietHandler, reset

WAIT_S = 20.0


class S3Server(LoopbackServer):
    """`with S3Server() as s3:` answers each PUT after ``delay_s``; ``objects`` by path, ``headers`` too.

    The first ``resets`` requests on a connection that has served one before are reset.
    """

    def __init__(self, *, delay_s: float = 0.0, status: int = 200) -> None:
        super().__init__(_Handler)
        self.delay_s = delay_s
        self.status = status
        self.asked = 0
        self.resets = 0
        self.objects: dict[str, bytes] = {}
        self.headers: dict[str, Any] = {}

    def wait_for(self, count: int) -> None:
        """Until so many objects are there."""
        end = time.monotonic() + WAIT_S
        while len(self.objects) < count:
            assert time.monotonic() < end, f"{len(self.objects)} objects came, not {count}"
            time.sleep(0.01)


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
        if s3.stopping.wait(s3.delay_s):
            self.close_connection = True
            return
        if s3.status == 200:
            s3.objects[self.path] = body
            s3.headers = dict(self.headers.items())
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
