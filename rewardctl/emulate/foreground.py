"""Runs the server in this process until a signal, or the end of standard input, stops it."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from rewardctl.emulate.judge import NOTICE
from rewardctl.emulate.server import serve
from rewardctl.emulate.settings import EmulatorSettings


def run(
    settings: EmulatorSettings, on_ready: Callable[[str], None], *, as_child: bool = False
) -> dict[str, object]:
    """Serve until SIGINT or SIGTERM; returns the stats. Raises OSError if the port is not available.

    As a child it stops at the end of standard input instead of SIGINT: when the parent dies, the pipe closes.
    """
    return asyncio.run(_run(settings, on_ready, as_child))


def ready_line(url: str) -> str:
    """One line of JSON from which a parent process learns the URL."""
    return json.dumps({"url": url, "pid": os.getpid(), "judge": NOTICE})


def write_ready_file(path: Path, url: str) -> None:
    """Write the ready line to a file atomically."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(ready_line(url) + "\n", encoding="utf-8")
    temporary.replace(path)


async def _run(
    settings: EmulatorSettings, on_ready: Callable[[str], None], as_child: bool
) -> dict[str, object]:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    if as_child:
        loop.add_signal_handler(signal.SIGINT, lambda: None)
        await loop.connect_read_pipe(lambda: _Lifeline(stop), sys.stdin)
    else:
        loop.add_signal_handler(signal.SIGINT, stop.set)
    return await serve(settings, stop, on_ready)


class _Lifeline(asyncio.Protocol):
    """The pipe to the parent. Nothing is sent through it; when it closes, the parent has ended."""

    def __init__(self, stop: asyncio.Event) -> None:
        self._stop = stop

    def connection_lost(self, _error: Exception | None) -> None:
        self._stop.set()
