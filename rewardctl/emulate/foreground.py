"""Runs the server in this process until it is told to stop: by a signal, or by the end of standard input."""

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
    """Serve until SIGINT or SIGTERM; returns the stats. Raises OSError where the port can't be had.

    As a child it heeds the end of its standard input instead of SIGINT: when the parent dies, the pipe ends.
    """
    return asyncio.run(_run(settings, on_ready, as_child))


def ready_line(url: str) -> str:
    """What a parent reads to find the server: one line of JSON."""
    return json.dumps({"url": url, "pid": os.getpid(), "judge": NOTICE})


def write_ready_file(path: Path, url: str) -> None:
    """Put the ready line into a file, whole or not at all."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_text(ready_line(url) + "\n", encoding="utf-8")
    beside.replace(path)


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
    """The pipe to the parent: nothing comes through it, but its end means that the parent is gone."""

    def __init__(self, stop: asyncio.Event) -> None:
        self._stop = stop

    def connection_lost(self, _error: Exception | None) -> None:
        self._stop.set()
