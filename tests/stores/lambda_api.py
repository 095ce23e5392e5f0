"""Lambda's Runtime and Extensions API on loopback, as far as one function needs them, noting when what came.

Written after the Lambda developer guide. A `next` of the runtime is held until there is an event, one of an
extension until an invocation begins; an invocation begins when both have asked.
"""

import json
import threading
import time
import uuid
from collections import Counter
from typing import Any

from tests.loopback import LoopbackServer, QuietHandler

WAIT_S = 20.0


class LambdaApi(LoopbackServer):
    """`with LambdaApi() as api:` serves; :meth:`invoke` is an invocation, from event to frozen."""

    def __init__(self, *, timeout_s: float = 30.0, extensions: bool = True) -> None:
        super().__init__(_Handler)
        self.timeout_s = timeout_s
        self.extensions = extensions
        self.registered: list[tuple[str, Any]] = []
        self.changed = threading.Condition()
        self.event: Any = None
        self.request_id = ""
        self.invocations = 0
        self.runtime_asks = 0
        self.extension_asks: Counter[str] = Counter()
        self.answers: dict[str, tuple[float, Any]] = {}
        self.address = f"127.0.0.1:{self.server_port}"

    def __exit__(self, *exc: object) -> None:
        with self.changed:
            self.invocations = -1
            self.changed.notify_all()
        super().__exit__(*exc)

    def wait_until_ready(self) -> None:
        """Until the runtime, and every registered extension, have asked for the next event."""
        with self.changed:
            assert self.changed.wait_for(self._ready, WAIT_S), "the function does not ask for an event"

    def invoke(self, event: Any) -> tuple[Any, float, float]:
        """The answer, seconds until it was posted, and seconds until the environment could be frozen."""
        self.wait_until_ready()
        begun = time.monotonic()
        with self.changed:
            self.event, self.request_id = event, str(uuid.uuid4())
            self.invocations += 1
            request_id = self.request_id
            self.changed.notify_all()
            assert self.changed.wait_for(lambda: request_id in self.answers, WAIT_S), "no answer"
            assert self.changed.wait_for(self._ready, WAIT_S), "the environment is never frozen"
        at, answer = self.answers[request_id]
        return answer, at - begun, time.monotonic() - begun

    def _ready(self) -> bool:
        done = self.invocations + 1
        asks = [self.extension_asks[str(n)] for n in range(len(self.registered))]
        return self.runtime_asks == done and all(each == done for each in asks)


class _Handler(QuietHandler):
    @property
    def api(self) -> LambdaApi:
        assert isinstance(self.server, LambdaApi)
        return self.server

    def do_GET(self) -> None:  # noqa: N802 - the name that the library calls
        api = self.api
        with api.changed:
            if self.path == "/2018-06-01/runtime/invocation/next":
                api.runtime_asks += 1
                mine = api.runtime_asks
            else:
                assert self.path == "/2020-01-01/extension/event/next"
                identifier = self.headers["Lambda-Extension-Identifier"]
                assert identifier in map(str, range(len(api.registered)))
                api.extension_asks[identifier] += 1
                mine = api.extension_asks[identifier]
            api.changed.notify_all()
            api.changed.wait_for(lambda: api.invocations >= mine or api.invocations < 0)
            if api.invocations < 0:
                self.close_connection = True
                return
        deadline_ms = str(int((time.time() + api.timeout_s) * 1000))
        if "runtime" in self.path:  # the native client ends the process where there is no content type
            headers = {"Lambda-Runtime-Aws-Request-Id": api.request_id, "Content-Type": "application/json"}
            headers |= {"Lambda-Runtime-Deadline-Ms": deadline_ms}
            headers |= {"Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:0:function:f"}
            self._send(200, json.dumps(api.event).encode(), headers)
        else:
            event = {"eventType": "INVOKE", "deadlineMs": int(deadline_ms), "requestId": api.request_id}
            self._send(200, json.dumps(event).encode())

    def do_POST(self) -> None:  # noqa: N802 - as above
        api, body = self.api, self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == "/2020-01-01/extension/register":
            if not api.extensions:
                return self._send(403, b"{}")
            api.registered.append((self.headers["Lambda-Extension-Name"], json.loads(body)))
            return self._send(200, b"{}", {"Lambda-Extension-Identifier": str(len(api.registered) - 1)})
        request_id = self.path.split("/")[4] if "/invocation/" in self.path else "init"
        with api.changed:
            api.answers[request_id] = (time.monotonic(), json.loads(body))
            api.changed.notify_all()
        return self._send(202, b"{}")

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
