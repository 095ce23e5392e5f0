"""A Bedrock Runtime on loopback that does exactly what a test says, well or badly, and notes what came in."""

import json
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self, cast
from urllib.parse import unquote

from reward_fn.judge.prompt import sections

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_SESSION_TOKEN": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_REGION": "us-east-1",
}


@dataclass(frozen=True, slots=True)
class Request:
    """One Converse call as it came in."""

    path: str
    model_id: str
    headers: Mapping[str, str]
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Response:
    """What goes back. ``body`` is sent as JSON unless it is bytes.

    ``delay_s`` is waited for before anything is sent; ``stall_after`` sends so many bytes of the body and
    nothing more; ``cut_after`` sends so many and closes; ``reset`` drops the connection.
    """

    body: Any = b""
    status: int = 200
    error: str = ""
    delay_s: float = 0.0
    stall_after: int | None = None
    cut_after: int | None = None
    reset: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


Behaviour = Callable[[Request], Response]


def error(status: int, code: str, message: str = "No.") -> Response:
    """An error in AWS's shape: its code in a header, its message in the body."""
    return Response({"message": message}, status, code)


def converse_body(*blocks: dict[str, Any], stop_reason: str = "end_turn") -> dict[str, Any]:
    """A Converse response that holds these content blocks."""
    return {
        "output": {"message": {"role": "assistant", "content": list(blocks)}},
        "stopReason": stop_reason,
        "usage": {"inputTokens": 120, "outputTokens": 34, "totalTokens": 154},
        "metrics": {"latencyMs": 56},
    }


def tool_use(value: Any) -> dict[str, Any]:
    """The block by which a model calls the tool."""
    return {"toolUse": {"toolUseId": "t-1", "name": "record_verdicts", "input": value}}


def says_yes(request: Request) -> Response:
    """Yes to everything that the tool's schema asks for, with a quote from the first document shown."""
    static = request.body["messages"][0]["content"][0]["text"]
    documents = [section.text for section in sections(static) if section.kind == "document"]
    schema = request.body["toolConfig"]["tools"][0]["toolSpec"]["inputSchema"]["json"]
    verdict = {
        "evidence": " ".join(documents[0].split()[:8]) if documents else "as the answer says",
        "verdict": "yes",
    }

    def filled(part: dict[str, Any]) -> Any:
        if "verdict" in part["properties"]:
            return verdict
        return {name: filled(inner) for name, inner in part["properties"].items()}

    return Response(converse_body(tool_use(filled(schema)), stop_reason="tool_use"))


class ConverseServer(ThreadingHTTPServer):
    """``with ConverseServer(behaviour) as server`` listens at ``server.url`` until the block is left.

    ``requests`` are the calls that came in, ``connections`` counts the sockets that were opened.
    """

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, behaviour: Behaviour = says_yes) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.behaviour = behaviour
        self.requests: list[Request] = []
        self.connections = 0
        self.stopping = threading.Event()
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
        self.stopping.set()
        self.shutdown()
        self.server_close()
        self._thread.join(5.0)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Count it."""
        self.connections += 1
        super().process_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what many tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_POST(self) -> None:
        server = cast(ConverseServer, self.server)
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        model_id = unquote(self.path.removeprefix("/model/").removesuffix("/converse"))
        request = Request(self.path, model_id, dict(self.headers.items()), body)
        server.requests.append(request)
        self._send(server.behaviour(request), server)

    def _send(self, response: Response, server: ConverseServer) -> None:
        if response.reset:
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.connection.close()
            self.close_connection = True
            return
        server.stopping.wait(response.delay_s)
        body = response.body if isinstance(response.body, bytes) else json.dumps(response.body).encode()
        self.send_response(response.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("x-amzn-RequestId", "r-1")
        if response.error:
            self.send_header("x-amzn-ErrorType", response.error)
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.end_headers()
        part = body if response.cut_after is None else body[: response.cut_after]
        self.wfile.write(part if response.stall_after is None else body[: response.stall_after])
        self.wfile.flush()
        if response.stall_after is not None:
            server.stopping.wait(30.0)
        self.close_connection = response.cut_after is not None or response.stall_after is not None

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - the base class's name
        """Nothing on standard error."""
