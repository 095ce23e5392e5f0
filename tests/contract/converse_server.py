"""A Bedrock Runtime on loopback that does exactly what a test says, well or badly, and notes what came in."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import unquote

from reward_fn.judge.ask.fences import sections
from tests.loopback import LoopbackServer, QuietHandler, reset

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
    nothing more; ``cut_after`` sends so many and closes; ``reset`` drops the connection; ``drip_s`` is waited
    for after each byte of the body.
    """

    body: Any = b""
    status: int = 200
    error: str = ""
    delay_s: float = 0.0
    stall_after: int | None = None
    cut_after: int | None = None
    reset: bool = False
    drip_s: float = 0.0
    head: bytes = b""
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
    texts = [block["text"] for block in request.body["messages"][0]["content"] if "text" in block]
    pieces = [section for text in texts for section in sections(text)]
    documents = [section.text for section in pieces if section.kind == "document"]
    items = [section.name for section in pieces if section.kind == "item"]
    schema = request.body["toolConfig"]["tools"][0]["toolSpec"]["inputSchema"]["json"]
    evidence = " ".join(documents[0].split()[:8]) if documents else "as the answer says"

    def filled(part: dict[str, Any]) -> Any:
        if part["type"] == "array":
            return [{**filled(part["items"]), "item": int(name)} for name in items]
        if part["type"] == "object":
            return {name: filled(inner) for name, inner in part["properties"].items()}
        return "yes" if "enum" in part else evidence

    return Response(converse_body(tool_use(filled(schema)), stop_reason="tool_use"))


class ConverseServer(LoopbackServer):
    """``with ConverseServer(behaviour) as server`` listens at ``server.url`` until the block is left.

    ``requests`` are the calls that came in, ``connections`` counts the sockets that were opened.
    """

    def __init__(self, behaviour: Behaviour = says_yes) -> None:
        super().__init__(_Handler)
        self.behaviour = behaviour
        self.requests: list[Request] = []
        self.connections = 0

    def process_request(self, request: Any, client_address: Any) -> None:
        """Count it."""
        self.connections += 1
        super().process_request(request, client_address)


class _Handler(QuietHandler):
    def answer(self, body: bytes) -> None:
        server = cast(ConverseServer, self.server)
        model_id = unquote(self.path.removeprefix("/model/").removesuffix("/converse"))
        request = Request(self.path, model_id, dict(self.headers.items()), json.loads(body))
        server.requests.append(request)
        self._send(server.behaviour(request), server)

    def _send(self, response: Response, server: ConverseServer) -> None:
        if response.reset:
            reset(self.connection)
            self.close_connection = True
            return
        server.stopping.wait(response.delay_s)
        body = response.body if isinstance(response.body, bytes) else json.dumps(response.body).encode()
        kind = {"x-amzn-ErrorType": response.error} if response.error else {}
        if response.head:
            self.wfile.write(response.head)
        else:
            self.head(response.status, len(body), {**kind, **response.headers})
        if response.drip_s:
            self._drip(body, response.drip_s, server)
            return
        part = body if response.cut_after is None else body[: response.cut_after]
        self.wfile.write(part if response.stall_after is None else body[: response.stall_after])
        self.wfile.flush()
        if response.stall_after is not None:
            server.stopping.wait(30.0)
        self.close_connection = response.cut_after is not None or response.stall_after is not None

    def _drip(self, body: bytes, wait_s: float, server: ConverseServer) -> None:
        for place in range(len(body)):
            self.wfile.write(body[place : place + 1])
            self.wfile.flush()
            if server.stopping.wait(wait_s):
                return
