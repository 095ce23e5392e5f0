"""An HTTP server on loopback for the duration of a block: the base of the tests' stand-in servers."""

import socket
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


def reset(connection: socket.socket) -> None:
    """Close a connection with a reset, without a regular end."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


class LoopbackServer(ThreadingHTTPServer):
    """``with LoopbackServer(handler) as server`` listens at ``server.url`` until the block ends.

    ``stopping`` is set at the end of the block, for handlers that wait.
    """

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, handler: "type[QuietHandler]") -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.stopping = threading.Event()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        """The base URL of the server."""
        return f"http://127.0.0.1:{self.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stopping.set()
        self.shutdown()
        self.server_close()
        self._thread.join(5.0)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print nothing: in many tests the client hangs up."""


class QuietHandler(BaseHTTPRequestHandler):
    """Keeps connections open, and writes nothing to standard error."""

    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_POST(self) -> None:
        """Read the body and answer."""
        self.answer(self.rfile.read(int(self.headers["Content-Length"])))

    def answer(self, body: bytes) -> None:
        """Answer a request; subclasses override it. By default the answer is 404."""
        self.head(404, 0, {})

    def head(self, status: int, length: int, headers: dict[str, str]) -> None:
        """Send the status, the headers common to AWS's JSON answers, and ``headers``."""
        self.send_response(status)
        common = {
            "Content-Type": "application/json",
            "Content-Length": str(length),
            "x-amzn-RequestId": "r-1",
        }
        for name, value in {**common, **headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - the base class's name
        """Log nothing."""
