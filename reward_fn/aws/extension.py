"""An internal extension of Lambda: keeps the environment awake after the answer until some work is done.

Lambda freezes an environment when the runtime and every registered extension have asked for the next event.
The runtime posts the answer, which goes out to the caller, and asks. The extension's thread asks only after
``flush``. Source: the Lambda developer guide, "Using the Lambda Extensions API to create extensions". An
internal extension may have any name and may register for INVOKE alone, during initialisation.
"""

import json
import logging
import threading
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from typing import Any

from reward_fn.deadline import Clock

REGISTER_TIMEOUT_S = 1.0
PAUSE_S = 1.0
"""After an error of the Extensions API, so that its failure does not become a busy loop."""
FLUSH_S = 5.0
"""The longest flush. Lambda bills the time, and the environment takes no other invocation meanwhile."""
MARGIN_S = 0.5
"""Kept free before the function's deadline: an extension that passes it costs the whole environment."""

_PATH = "/2020-01-01/extension"
_IDENTIFIER = "Lambda-Extension-Identifier"

Flush = Callable[[float], object]
"""Finishes the work; its argument is the number of seconds that it may take."""


class Extension:
    """An extension that is registered when it is made; its thread then waits for invocations.

    ``api`` is AWS_LAMBDA_RUNTIME_API, host and port. ``clock`` gives the seconds of the epoch. Raises OSError
    if nothing answers at ``api``, ValueError if there is no Extensions API. Call :meth:`handled` at the end
    of every invocation.
    """

    def __init__(self, api: str, flush: Flush, *, name: str, clock: Clock = time.time) -> None:
        self._api = api
        self._name = name
        self._flush = flush
        self._clock = clock
        self._handled = threading.Event()
        self._identifier = self._register()
        threading.Thread(target=self._run, name=name, daemon=True).start()

    def handled(self) -> None:
        """Tell the thread that the handler has its answer, so that the work may now be flushed."""
        self._handled.set()

    def _run(self) -> None:
        while True:
            try:
                self._one_invocation(self._next_deadline_s())
            except Exception as error:  # noqa: BLE001 - without this thread every invocation would hang
                logging.getLogger(__name__).warning("extension: %s", type(error).__name__)
                time.sleep(PAUSE_S)

    def _one_invocation(self, deadline_s: float) -> None:
        """Flush when the handler is done; both end before ``deadline_s``, in seconds of the epoch."""
        self._handled.wait(self._left_s(deadline_s))
        self._handled.clear()
        self._flush(min(FLUSH_S, self._left_s(deadline_s)))

    def _left_s(self, deadline_s: float) -> float:
        return max(0.0, deadline_s - MARGIN_S - self._clock())

    def _register(self) -> str:
        """Return the identifier that the API gives this extension."""
        connection = HTTPConnection(self._api, timeout=REGISTER_TIMEOUT_S)
        try:
            headers = {"Lambda-Extension-Name": self._name, "Content-Type": "application/json"}
            connection.request("POST", f"{_PATH}/register", json.dumps({"events": ["INVOKE"]}), headers)
            response = connection.getresponse()
            response.read()
        except HTTPException as error:
            raise ValueError(f"no Extensions API ({type(error).__name__})") from error
        finally:
            connection.close()
        identifier = response.headers.get(_IDENTIFIER)
        if response.status != 200 or not identifier:
            raise ValueError(f"no Extensions API (HTTP {response.status})")
        return identifier

    def _next_deadline_s(self) -> float:
        """Wait for the next invocation, however long; return its deadline in seconds of the epoch."""
        connection = HTTPConnection(self._api)
        try:
            connection.request("GET", f"{_PATH}/event/next", headers={_IDENTIFIER: self._identifier})
            event: Any = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        return float(event["deadlineMs"]) / 1000
