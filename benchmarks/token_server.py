"""A server in front of the stand-in that records requests and replies of Converse and chat completions."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import unquote

from benchmarks.token_answers import chat_answer, chat_texts, converse_texts, lengthened
from rewardctl.emulate.service import Service
from rewardctl.emulate.settings import EmulatorSettings


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call: the texts that the model reads and writes."""

    model: str
    read: list[str]
    written: list[str]


@dataclass
class Capture:
    """A recording server at ``url``; :meth:`take` returns the exchanges since its last call."""

    url: str
    exchanges: list[Exchange] = field(default_factory=list)

    def take(self) -> list[Exchange]:
        """Return the recorded exchanges and forget them."""
        taken, self.exchanges[:] = list(self.exchanges), []
        return taken


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.capture = Capture(f"http://127.0.0.1:{self.server_port}")
        self.service = Service(EmulatorSettings(), time.monotonic)
        self.lock = threading.Lock()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        server = cast(_Server, self.server)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with server.lock:
            if self.path.endswith("/chat/completions"):
                self._send(_chat(server, json.loads(body)))
            else:
                self._send(_converse(server, unquote(self.path.split("/")[2]), body))

    def _send(self, value: dict[str, Any]) -> None:
        data = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Log nothing."""


def _converse(server: _Server, model_id: str, body: bytes) -> dict[str, Any]:
    request = json.loads(body)
    answer = server.service.answer(model_id, body)
    if answer.status != 200:
        raise ValueError(f"the stand-in refused a request: {answer.body!r}")
    reply = lengthened(json.loads(answer.body), request)
    server.capture.exchanges.append(Exchange(model_id, *converse_texts(request, reply)))
    return reply


def _chat(server: _Server, request: dict[str, Any]) -> dict[str, Any]:
    text = chat_answer(request)
    server.capture.exchanges.append(Exchange(request["model"], *chat_texts(request, text)))
    message = {"role": "assistant", "content": text}
    return {
        "id": "chat-1",
        "object": "chat.completion",
        "created": 0,
        "model": request["model"],
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }


@contextmanager
def capturing() -> Iterator[Capture]:
    """Run the server until the block ends."""
    with _Server() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server.capture
        finally:
            server.shutdown()
            thread.join()
