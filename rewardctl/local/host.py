"""What runs the function here: the runtime interface emulator where it can, else a plain Python process."""

from pathlib import Path
from typing import Protocol, Self

CLIENT_SLACK_S = 10
"""How much longer than the function's own time-out a client waits, in seconds."""


class Host(Protocol):
    """Runs the function between entering and leaving; `log` is the file with all that it prints."""

    log: Path

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc: object) -> None: ...

    def invoke(self, payload: bytes) -> bytes:
        """Invokes the function with an event in JSON. Returns its answer or error, as Lambda's Invoke does.

        Raises FunctionError where the function's process ended without an answer.
        """
        ...
