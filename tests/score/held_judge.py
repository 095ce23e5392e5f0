"""Bedrock on loopback that answers a number of calls and holds the following ones until it is stopped."""

import http.client
import threading
from typing import cast
from urllib.parse import urlsplit

from tests.loopback import LoopbackServer, QuietHandler

HANG_S = 120.0


class HeldJudge(LoopbackServer):
    """Passes calls on to the stand-in at ``judge_url``, which compares words; ``answers`` None holds none.

    ``calls`` counts all that arrived, answered or not.
    """

    def __init__(self, judge_url: str, answers: int | None = None) -> None:
        super().__init__(_Handler)
        self.judge = urlsplit(judge_url).netloc
        self.calls = 0
        self._answers = answers
        self._changed = threading.Condition()

    def begin(self) -> bool:
        """Count a call; returns whether it is to be answered."""
        with self._changed:
            self.calls += 1
            self._changed.notify_all()
            return self._answers is None or self.calls <= self._answers

    def wait_for(self, calls: int) -> None:
        """Return once so many calls have arrived. Fails if they do not come at all."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.calls >= calls, HANG_S), f"{self.calls} calls came"


class _Handler(QuietHandler):
    wbufsize = -1  # head and body in one packet

    def answer(self, body: bytes) -> None:
        server = cast(HeldJudge, self.server)
        if not server.begin():
            server.stopping.wait()
            self.close_connection = True
            return
        connection = http.client.HTTPConnection(server.judge, timeout=HANG_S)
        try:
            connection.request("POST", self.path, body, {"Content-Type": "application/json"})
            answered = connection.getresponse()
            content = answered.read()
        finally:
            connection.close()
        self.head(answered.status, len(content), {})
        self.wfile.write(content)
