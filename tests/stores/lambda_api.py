"""A stand-in for Lambda's Runtime and Extensions API on loopback, for one function.

Written after the Lambda developer guide. A runtime's `next` is held until there is an event, an extension's
until an invocation begins. The environment is frozen, and can take an event, when all have asked.
"""

import json
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from typing import Any

from tests.loopback import LoopbackServer, QuietHandler

WAIT_S = 60.0
"""Only a deadlock takes as long: no test asserts on it."""


class LambdaApi(LoopbackServer):
    """`with LambdaApi() as api:` serves; :meth:`invoke` is an invocation, from event to frozen.

    ``deadline_s`` is the deadline of every invocation in seconds of the epoch; by default 600 s from now.
    """

    def __init__(self, *, deadline_s: float | None = None, extensions: bool = True) -> None:
        super().__init__(_Handler)
        self.deadline_s = deadline_s
        self.extensions = extensions
        self.registered: list[tuple[str, Any]] = []
        self.address = f"127.0.0.1:{self.server_port}"
        self.changed = threading.Condition()
        self.events: list[Any] = []
        self.request_ids: list[str] = []
        self.runtime_asks = 0
        self.extension_asks: Counter[str] = Counter()
        self.answers: dict[str, Any] = {}

    def __exit__(self, *exc: object) -> None:
        self.stopping.set()
        with self.changed:
            self.changed.notify_all()
        super().__exit__(*exc)

    def begin(self, event: Any) -> str:
        """Begin an invocation of the frozen environment; its request id."""
        self.wait_until_frozen()
        with self.changed:
            self.events.append(event)
            self.request_ids.append(str(uuid.uuid4()))
            self.changed.notify_all()
            return self.request_ids[-1]

    def wait_for_answer(self, request_id: str) -> Any:
        """The answer that the runtime posts, which is when Lambda sends it to the caller."""
        self._wait(lambda: request_id in self.answers, "no answer")
        return self.answers[request_id]

    def wait_for_runtime(self) -> None:
        """Until the last answer is out and the runtime asks for the next event."""
        self._wait(self._is_runtime_done, "the runtime does not ask for an event")

    def wait_until_frozen(self) -> None:
        """Until the runtime, and every registered extension, have asked for the next event."""
        self._wait(self.is_frozen, "the environment is never frozen")

    def is_frozen(self) -> bool:
        """Whether Lambda could freeze the environment now."""
        asks = [self.extension_asks[str(n)] for n in range(len(self.registered))]
        return self._is_runtime_done() and all(count > len(self.events) for count in asks)

    def invoke(self, event: Any) -> Any:
        """The answer to an event, when the environment is frozen again."""
        request_id = self.begin(event)
        answer = self.wait_for_answer(request_id)
        self.wait_until_frozen()
        return answer

    def _is_runtime_done(self) -> bool:
        return self.runtime_asks > len(self.events)

    def _wait(self, predicate: Callable[[], bool], otherwise: str) -> None:
        with self.changed:
            assert self.changed.wait_for(predicate, WAIT_S), otherwise


class _Handler(QuietHandler):
    @property
    def api(self) -> LambdaApi:
        assert isinstance(self.server, LambdaApi)
        return self.server

    def do_GET(self) -> None:  # noqa: N802 - the name that the library calls
        api, is_runtime = self.api, self.path == "/2018-06-01/runtime/invocation/next"
        with api.changed:
            if is_runtime:
                api.runtime_asks += 1
                number = api.runtime_asks
            else:
                assert self.path == "/2020-01-01/extension/event/next"
                identifier = self.headers["Lambda-Extension-Identifier"]
                assert identifier in map(str, range(len(api.registered)))
                api.extension_asks[identifier] += 1
                number = api.extension_asks[identifier]
            api.changed.notify_all()
            api.changed.wait_for(lambda: len(api.events) >= number or api.stopping.is_set())
            if api.stopping.is_set():
                self._stop(is_runtime)
                return
            event, request_id = api.events[number - 1], api.request_ids[number - 1]
        deadline_ms = int((api.deadline_s or time.time() + 600.0) * 1000)
        if is_runtime:  # the native client ends the process where there is no content type
            headers = {"Lambda-Runtime-Aws-Request-Id": request_id, "Content-Type": "application/json"}
            headers |= {"Lambda-Runtime-Deadline-Ms": str(deadline_ms)}
            headers |= {"Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:0:function:f"}
            self._send(200, json.dumps(event).encode(), headers)
        else:
            told = {"eventType": "INVOKE", "deadlineMs": deadline_ms, "requestId": request_id}
            self._send(200, json.dumps(told).encode())

    def _stop(self, is_runtime: bool) -> None:
        """The runtime's connection is closed. An extension in this process stays frozen for good."""
        self.close_connection = True
        while not is_runtime:
            self.api.changed.wait()

    def do_POST(self) -> None:  # noqa: N802 - as above
        api, body = self.api, self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == "/2020-01-01/extension/register":
            if not api.extensions:
                return self._send(403, b"{}")
            with api.changed:
                api.registered.append((self.headers["Lambda-Extension-Name"], json.loads(body)))
                identifier = str(len(api.registered) - 1)
            return self._send(200, b"{}", {"Lambda-Extension-Identifier": identifier})
        request_id = self.path.split("/")[4] if "/invocation/" in self.path else "init"
        with api.changed:
            api.answers[request_id] = json.loads(body)
            api.changed.notify_all()
        return self._send(202, b"{}")

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
