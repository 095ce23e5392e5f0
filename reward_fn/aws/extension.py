"""An internal extension of Lambda: keeps the environment awake after the answer until some work is done.

Lambda freezes an environment when the runtime and every registered extension have asked for the next event.
The runtime posts the answer, which goes out to the caller, and asks; this thread asks only after ``flush``.
The interface: the Lambda developer guide, "Using the Lambda Extensions API to create extensions". An internal
extension may register for INVOKE alone, during initialisation, by any name.
"""

import json
import logging
import threading
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from typing import Any

NAME = "reward-fn-traces"
REGISTER_TIMEOUT_S = 1.0
PAUSE_S = 1.0
FLUSH_S = 5.0
MARGIN_S = 0.5
"""Kept free before the function's deadline: an extension that passes it costs the whole environment."""

Flush = Callable[[float], object]
"""Is given how many seconds it may take."""


class Extension:
    """Registered when made; raises OSError, or ValueError where there is no Extensions API at ``api``.

    ``api`` is AWS_LAMBDA_RUNTIME_API, host and port. Call :meth:`handled` at the end of every invocation.
    """

    def __init__(self, api: str, flush: Flush, *, name: str = NAME) -> None:
        self._api = api
        self._name = name
        self._flush = flush
        self._handled = threading.Event()
        self._identifier = self._register()
        threading.Thread(target=self._run, name=name, daemon=True).start()

    def handled(self) -> None:
        """The handler has its answer: what it left may now be flushed."""
        self._handled.set()

    def _run(self) -> None:
        while True:
            try:
                self._one_invocation(self._next_deadline_s())
            except Exception as error:  # noqa: BLE001 - without this thread every invocation would hang
                logging.getLogger(__name__).warning("extension: %s", type(error).__name__)
                time.sleep(PAUSE_S)

    def _one_invocation(self, deadline_s: float) -> None:
        """Flush after the handler's end, before ``deadline_s`` (of the wall clock, as Lambda gives it)."""
        self._handled.wait(max(0.0, deadline_s - MARGIN_S - time.time()))
        self._handled.clear()
        self._flush(max(0.0, min(FLUSH_S, deadline_s - MARGIN_S - time.time())))

    def _register(self) -> str:
        connection = HTTPConnection(self._api, timeout=REGISTER_TIMEOUT_S)
        try:
            headers = {"Lambda-Extension-Name": self._name, "Content-Type": "application/json"}
            connection.request("POST", f"{_PATH}/register", json.dumps({"events": ["INVOKE"]}), headers)
            answer = connection.getresponse()
            answer.read()
        except HTTPException as error:
            raise ValueError(f"no Extensions API ({type(error).__name__})") from error
        finally:
            connection.close()
        identifier = answer.headers.get(_IDENTIFIER)
        if answer.status != 200 or not identifier:
            raise ValueError(f"no Extensions API (HTTP {answer.status})")
        return identifier

    def _next_deadline_s(self) -> float:
        """Ask for the next invocation, which lasts until there is one; its deadline in epoch seconds."""
        connection = HTTPConnection(self._api)
        try:
            connection.request("GET", f"{_PATH}/event/next", headers={_IDENTIFIER: self._identifier})
            answer = connection.getresponse()
            event: Any = json.loads(answer.read())
        finally:
            connection.close()
        return float(event["deadlineMs"]) / 1000


_PATH = "/2020-01-01/extension"
_IDENTIFIER = "Lambda-Extension-Identifier"
