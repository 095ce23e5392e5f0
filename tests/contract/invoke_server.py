"""Lambda's Invoke on loopback, by which boto3's Lambda client, and so AWS's own tools, reach our handler."""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self, cast
from urllib.parse import unquote

from reward_fn import handler

PREFIX, SUFFIX = "/2015-03-31/functions/", "/invocations"
Function = Callable[[bytes], bytes]
"""The payload of a call to the payload of its answer. What it raises is told as Lambda tells it."""


class Context:
    """What Lambda hands to a handler, with a minute left."""

    aws_request_id = "request-1"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


def in_process(payload: bytes) -> bytes:
    """The handler, between JSON and JSON, as Lambda's runtime calls it."""
    answer = handler.lambda_handler(json.loads(payload), Context())
    return json.dumps(answer, ensure_ascii=False).encode("utf-8")


class InvokeServer(ThreadingHTTPServer):
    """``with InvokeServer(function) as server`` listens at ``server.url`` until the block is left.

    ``names`` are the functions that were called: names or ARNs, as the caller gave them.
    """

    daemon_threads = True

    def __init__(self, function: Function = in_process) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.function = function
        self.names: list[str] = []
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join(5.0)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    wbufsize = -1  # head and body in one packet, or the client's delayed acknowledgement costs 40 ms

    def do_POST(self) -> None:
        server = cast(InvokeServer, self.server)
        payload = self.rfile.read(int(self.headers["Content-Length"]))
        if not (self.path.startswith(PREFIX) and self.path.endswith(SUFFIX)):
            self._send(
                404, b'{"Message": "no such function"}', {"X-Amzn-ErrorType": "ResourceNotFoundException"}
            )
            return
        server.names.append(unquote(self.path.removeprefix(PREFIX).removesuffix(SUFFIX)))
        try:
            self._send(200, server.function(payload), {})
        except Exception as error:  # noqa: BLE001 - Lambda answers so, whatever the function raised
            told = {"errorMessage": str(error), "errorType": type(error).__name__, "stackTrace": []}
            self._send(200, json.dumps(told).encode(), {"X-Amz-Function-Error": "Unhandled"})

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        more = {
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            "x-amzn-RequestId": "r-1",
        }
        for name, value in {**more, **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - the base class's name
        """Nothing on standard error."""
