"""A DynamoDB on loopback that keeps what is put, answers as a test says, or never answers."""

import json
import threading
from collections.abc import Callable
from typing import Any

from tests.loopback import LoopbackServer, QuietHandler, reset
from tests.stores.lambda_api import WAIT_S

Answer = Callable[[str, Any], tuple[int, bytes]]
"""From an operation's name and its request to an HTTP status and a body."""


class TableServer(LoopbackServer):
    """`with TableServer() as table:` keeps what is put; ``answer`` replaces that.

    With ``hangs`` no request is ever answered. The first ``resets`` requests on a connection that has served
    one before are reset. ``asked`` are the names of the operations.
    """

    def __init__(self, *, hangs: bool = False, answer: Answer | None = None) -> None:
        super().__init__(_Handler)
        self.hangs = hangs
        self.answer = answer or self.keep
        self.changed = threading.Condition()
        self.items: dict[str, Any] = {}
        self.asked: list[str] = []
        self.resets = 0

    def wait_for(self, count: int) -> None:
        """Until so many items are there."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.items) >= count, WAIT_S)

    def wait_until_asked(self, count: int = 1) -> None:
        """Until so many requests came."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.asked) >= count, WAIT_S)

    def keep(self, operation: str, request: Any) -> tuple[int, bytes]:
        """Write or read items, as DynamoDB does."""
        ((name, part),) = request["RequestItems"].items()
        if operation == "BatchWriteItem":
            with self.changed:
                for put in part:
                    item = put["PutRequest"]["Item"]
                    self.items[item["verdict_key"]["S"]] = item
                self.changed.notify_all()
            return 200, b'{"UnprocessedItems":{}}'
        keys = [key["verdict_key"]["S"] for key in part["Keys"]]
        items = [self.items[key] for key in keys if key in self.items]
        return 200, json.dumps({"Responses": {name: items}, "UnprocessedKeys": {}}).encode()


class _Handler(QuietHandler):
    served = 0

    def do_POST(self) -> None:  # noqa: N802 - the name that the library calls
        table = self.server
        assert isinstance(table, TableServer)
        operation = self.headers["X-Amz-Target"].partition(".")[2]
        with table.changed:
            table.asked.append(operation)
            table.changed.notify_all()
        if self.served and table.resets:
            table.resets -= 1
            reset(self.connection)
            self.close_connection = True
            return
        self.served += 1
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if table.hangs:
            table.stopping.wait()
            self.close_connection = True
            return
        status, body = table.answer(operation, request)
        self.head(status, len(body), {"Content-Type": "application/x-amz-json-1.0"})
        self.wfile.write(body)
