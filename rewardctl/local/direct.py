"""Run the function in a plain Python process, for machines without the runtime interface emulator.

The process imports the built function, and its dependencies from this environment, whose binaries fit this
machine. It gets the same environment variables as under the emulator, and a context with a clock.
"""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from rewardctl.local import processes
from rewardctl.local.environment import HANDLER
from rewardctl.local.outcome import TIMED_OUT, exit_error

CHILD = Path(__file__).with_name("direct_child.py")


class DirectProcess:
    """`with DirectProcess(...) as host:`; each invocation starts a new process."""

    def __init__(self, environment: Mapping[str, str], *, folder: Path, log: Path, timeout_s: int) -> None:
        self.log = log
        self._environment = dict(environment)
        self._folder = folder
        self._timeout_s = timeout_s
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        process, self._process = self._process, None
        if process is not None:
            processes.stop(process)

    def invoke(self, payload: bytes) -> bytes:
        """Call the handler once; end it after the function's time-out, as Lambda does."""
        event, answer = self._folder / "event.json", self._folder / "answer.json"
        event.write_bytes(payload)
        answer.unlink(missing_ok=True)
        # -P keeps the child's folder off the import path.
        command = [sys.executable, "-P", str(CHILD), HANDLER, str(event), str(answer), str(self._timeout_s)]
        self._process = processes.start(
            command, env=self._environment, cwd=self._folder, log=self.log, error_log=self._error_log
        )
        try:
            self._process.wait(timeout=self._timeout_s)
        except subprocess.TimeoutExpired:
            self.__exit__()
            return f"{TIMED_OUT} after {self._timeout_s:.2f} seconds".encode()
        if not answer.is_file():
            raise exit_error(self._error_log)
        return answer.read_bytes()

    @property
    def _error_log(self) -> Path:
        return self.log.with_suffix(".errors.log")
