"""A bucket on loopback that takes objects at once, late, or never."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

WAIT_S = 20.0


class S3Server:
    """`with S3Server() as s3:` answers each PUT after ``delay_s``; ``objects`` by path, ``headers`` too."""

    def __init__(self, *, delay_s: float = 0.0, status: int = 200) -> None:
        self.delay_s = delay_s
        self.status = status
        self.asked = 0
        self.objects: dict[str, bytes] = {}
        self.headers: dict[str, Any] = {}
        self.stopped = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads = True
        self._server.s3 = self  # type: ignore[attr-defined]
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopped.set()
        self._server.shutdown()
        self._server.server_close()

    def wait_for(self, count: int) -> None:
        """Until so many objects are there."""
        end = time.monotonic() + WAIT_S
        while len(self.objects) < count:
            assert time.monotonic() < end, f"{len(self.objects)} objects came, not {count}"
            time.sleep(0.01)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Keep quiet."""

    def do_PUT(self) -> None:
        s3: S3Server = self.server.s3  # type: ignore[attr-defined]
        s3.asked += 1
        body = self._chunked() if self.headers.get("Transfer-Encoding") else self._plain()
        if s3.stopped.wait(s3.delay_s):
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
