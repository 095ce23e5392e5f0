"""A DynamoDB on loopback that answers with what a test wants, at once, late, or never."""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from tests.loopback import reset

Answer = Callable[[str, Any], tuple[int, bytes]]
"""From an operation's name and its request to an HTTP status and a body."""


class TableServer:
    """`with TableServer() as table:` keeps what is put; ``answer`` replaces that, ``delay_s`` comes first.

    The first ``resets`` requests on a connection that has served one before are reset.
    """

    def __init__(self, *, delay_s: float = 0.0, answer: Answer | None = None) -> None:
        self.delay_s = delay_s
        self.answer = answer or self._keep
        self.items: dict[str, Any] = {}
        self.asked: list[str] = []
        self.resets = 0
        self.stopped = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads = True
        self._server.table = self  # type: ignore[attr-defined]
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

    def _keep(self, operation: str, request: Any) -> tuple[int, bytes]:
        ((name, wanted),) = request["RequestItems"].items()
        if operation == "BatchWriteItem":
            for put in wanted:
                item = put["PutRequest"]["Item"]
                self.items[item["verdict_key"]["S"]] = item
            return 200, b'{"UnprocessedItems":{}}'
        keys = [key["verdict_key"]["S"] for key in wanted["Keys"]]
        found = [self.items[key] for key in keys if key in self.items]
        return 200, json.dumps({"Responses": {name: found}, "UnprocessedKeys": {}}).encode()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    served = 0

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Keep quiet."""

    def do_POST(self) -> None:
        table: TableServer = self.server.table  # type: ignore[attr-defined]
        operation = self.headers["X-Amz-Target"].partition(".")[2]
        table.asked.append(operation)
        if self.served and table.resets:
            table.resets -= 1
            reset(self.connection)
            self.close_connection = True
            return
        self.served += 1
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if table.stopped.wait(table.delay_s):
            self.close_connection = True
            return
        status, body = table.answer(operation, request)
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
