"""Lambda's Invoke on loopback, by which boto3's Lambda client, and so AWS's own tools, reach our handler."""

import json
from collections.abc import Callable
from typing import cast
from urllib.parse import unquote

from reward_fn import handler
from tests.loopback import LoopbackServer, QuietHandler

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


class InvokeServer(LoopbackServer):
    """``with InvokeServer(function) as server`` listens at ``server.url`` until the block is left.

    ``names`` are the functions that were called: names or ARNs, as the caller gave them.
    """

    def __init__(self, function: Function = in_process) -> None:
        super().__init__(_Handler)
        self.function = function
        self.names: list[str] = []


class _Handler(QuietHandler):
    wbufsize = -1  # head and body in one packet, or the client's delayed acknowledgement costs 40 ms

    def answer(self, body: bytes) -> None:
        server = cast(InvokeServer, self.server)
        if not (self.path.startswith(PREFIX) and self.path.endswith(SUFFIX)):
            self._send(
                404, b'{"Message": "no such function"}', {"X-Amzn-ErrorType": "ResourceNotFoundException"}
            )
            return
        server.names.append(unquote(self.path.removeprefix(PREFIX).removesuffix(SUFFIX)))
        try:
            self._send(200, server.function(body), {})
        except Exception as error:  # noqa: BLE001 - Lambda answers so, whatever the function raised
            told = {"errorMessage": str(error), "errorType": type(error).__name__, "stackTrace": []}
            self._send(200, json.dumps(told).encode(), {"X-Amz-Function-Error": "Unhandled"})

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.head(status, len(body), headers)
        self.wfile.write(body)
