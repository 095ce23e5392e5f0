"""The protocol of programs that run the function: the runtime emulator, or a plain Python process."""

from pathlib import Path
from typing import Protocol, Self

CLIENT_SLACK_S = 10
"""Seconds that a client waits longer than the function's time-out."""


class Host(Protocol):
    """Runs the function while the context is open; `log` is the file with its output."""

    log: Path

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc: object) -> None: ...

    def invoke(self, payload: bytes) -> bytes:
        """Invoke the function with an event in JSON; return its answer or error, as Lambda's Invoke does.

        Raises FunctionError if the function's process ended without an answer.
        """
        ...
