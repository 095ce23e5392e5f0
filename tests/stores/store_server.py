"""S3 or the Parameter Store on loopback: answers as a test says, or never."""

import json

from tests.loopback import LoopbackServer, QuietHandler

Step = tuple[int, bytes] | None
"""A status and a body; None for no answer at all."""


class StoreServer(LoopbackServer):
    """Answers its requests with the steps of ``script``, one after another; the last one repeats."""

    def __init__(self) -> None:
        super().__init__(_Handler)
        self.asked = 0
        self.script: list[Step] = []


class _Handler(QuietHandler):
    def do_GET(self) -> None:  # noqa: N802 - the name that the library calls
        self.answer(b"")

    def answer(self, body: bytes) -> None:
        store = self.server
        assert isinstance(store, StoreServer)
        store.asked += 1
        step = store.script[min(store.asked, len(store.script)) - 1]
        self.close_connection = True
        if step is None:
            store.stopping.wait()
            return
        status, content = step
        self.head(status, len(content), {})
        self.wfile.write(content)


def s3_error(status: int, code: str, message: str = "No.") -> tuple[int, bytes]:
    """An error as S3 answers it."""
    return status, f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()


def ssm_error(code: str, status: int = 400, message: str = "No.") -> tuple[int, bytes]:
    """An error as the Parameter Store answers it."""
    return status, json.dumps({"__type": code, "message": message}).encode()
