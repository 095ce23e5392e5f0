"""The stand-in in its own process, for tests, benchmarks and local runs."""

import http.client
import json
import os
import select
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from rewardctl.emulate.settings import EmulatorSettings
from rewardctl.emulate.stats import Stats

START_WITHIN_S = 30.0
STOP_WITHIN_S = 3.0
REQUEST_TIMEOUT_S = 10.0

_PACKAGES = str(Path(__file__).resolve().parents[2])


class EmulatorError(RuntimeError):
    """The stand-in's process did not start, or does not answer."""


class Emulator:
    """``with Emulator(settings) as emulator:`` serves at ``emulator.url`` until the block is left.

    The server has its own process, so it does not compete for the caller's interpreter lock. It stops when
    the block is left, and by itself when the caller dies, since it watches the pipe to the caller.
    """

    def __init__(self, settings: EmulatorSettings | None = None) -> None:
        self.settings = settings or EmulatorSettings()
        self.url = ""
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int | None:
        """The process's id while it runs."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the process and wait until it answers. Raises EmulatorError."""
        if self._process:
            raise EmulatorError("this stand-in is running already")
        paths = [_PACKAGES, *filter(None, [os.environ.get("PYTHONPATH")])]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "rewardctl.emulate", json.dumps(self.settings.to_dict())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C stops the caller, which may still need a judge
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )
        try:
            self.url = self._read_url(self._process)
            self.stats()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the process; calls in flight are cut off. No-op if it is not running."""
        process, self._process = self._process, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            if pipe:
                with suppress(OSError):
                    pipe.close()
        try:
            process.terminate()
            process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def stats(self) -> Stats:
        """The counts so far. Raises EmulatorError."""
        return Stats(**self._call("GET", "/__stats"))

    def reset(self) -> None:
        """Reset the counts and forget earlier calls, so that the same calls meet the same faults again."""
        self._call("POST", "/__reset")

    def make_stale(self) -> None:
        """Reset every connection used so far at its next use, as after a freeze of the environment."""
        self._call("POST", "/__stale")

    def _call(self, method: str, path: str) -> dict[str, Any]:
        if not self._process:
            raise EmulatorError("this stand-in is not running")
        connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=REQUEST_TIMEOUT_S)
        try:
            connection.request(method, path)
            value: dict[str, Any] = json.loads(connection.getresponse().read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise EmulatorError(f"the stand-in at {self.url} does not answer: {error}") from error
        finally:
            connection.close()
        return value

    def _read_url(self, process: subprocess.Popen[bytes]) -> str:
        line = _read_line(process.stdout) if process.stdout else b""
        if not line:
            with suppress(subprocess.TimeoutExpired):
                process.wait(1.0)
            code = process.returncode
            end = "did not get ready in time" if code is None else f"ended with code {code}"
            raise EmulatorError(f"the stand-in's process {end}; its messages are on standard error")
        return str(json.loads(line)["url"])


def _read_line(pipe: IO[bytes]) -> bytes:
    """One line from a pipe; b"" if none arrives within START_WITHIN_S or the pipe closes."""
    ready, _, _ = select.select([pipe], [], [], START_WITHIN_S)
    return pipe.readline() if ready else b""
