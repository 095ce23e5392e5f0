"""Work after the answer: one thread does it, and Lambda freezes the environment only when it is done.

Traces and verdicts are written this way, so that no answer waits for S3 or DynamoDB. A store that hangs or
fails costs an environment its bound once; then its jobs are refused for a while.
"""

import atexit
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from reward_fn.aws.extension import FLUSH_S, Extension
from reward_fn.deadline import Clock

MOST_WAITING = 4
"""Jobs that may wait. One batch makes one job, so more waiting jobs mean that the store can't keep up."""
SETTLE_S = 0.05
"""Pause before each job. The answer is posted meanwhile, and the job would compete for the interpreter."""

Job = TypeVar("Job")
Done = Callable[[Exception | None], None]
"""Called with the outcome of a job: the error that it raised, or None."""


def _settle() -> None:
    time.sleep(SETTLE_S)


class AfterAnswer(Generic[Job]):
    """A bounded queue of jobs and the thread that does them, one after another.

    ``work`` does a job and may raise; ``done`` is called with the outcome. After an error new jobs are
    refused for ``rest_s`` seconds. ``name`` ("traces") is the thread's name and stands in log lines; the
    extension is called ``reward-fn-<name>``. ``clock`` gives monotonic seconds.
    """

    def __init__(
        self,
        work: Callable[[Job], None],
        done: Done,
        *,
        name: str,
        rest_s: float,
        clock: Clock = time.monotonic,
        settle: Callable[[], None] = _settle,
    ) -> None:
        self._work, self._done = work, done
        self._name = name
        self._rest_s, self._rest_until_s = rest_s, float("-inf")
        self._clock, self._settle = clock, settle
        self._waiting: deque[Job] = deque()
        self._changed = threading.Condition()
        self._is_busy = self._is_late = False
        self._extension: Extension | None = None
        threading.Thread(target=self._run, name=name, daemon=True).start()

    def keep_awake(self) -> None:
        """Let accepted jobs finish before Lambda freezes the environment; elsewhere, before the process ends.

        Both wait ``FLUSH_S`` seconds at most. On Lambda this registers an extension, which works only in the
        initialisation phase; if it fails, a line in the log says why.
        """
        api = os.environ.get("AWS_LAMBDA_RUNTIME_API", "")
        if api:
            try:
                self._extension = Extension(api, self.flush, name=f"reward-fn-{self._name}")
                return
            except (OSError, ValueError) as error:
                self._warn(f"{self._name} are written without an extension: {error}")
        atexit.register(self.flush, FLUSH_S)

    def offer(self, job: Job) -> bool:
        """Accept a job and return at once. False: refused, because of a rest, a full queue or a late job."""
        with self._changed:
            if self.is_resting() or self._is_late or len(self._waiting) >= MOST_WAITING:
                return False
            self._waiting.append(job)
            self._changed.notify_all()
            return True

    def is_resting(self) -> bool:
        """Return whether a failure was less than ``rest_s`` seconds ago."""
        return self._clock() < self._rest_until_s

    def rest(self) -> None:
        """Refuse jobs for ``rest_s`` seconds from now on."""
        self._rest_until_s = self._clock() + self._rest_s

    def end_invocation(self) -> None:
        """Tell the extension, if there is one, that the handler has its answer. Returns at once."""
        if self._extension is not None:
            self._extension.handled()

    def flush(self, timeout_s: float) -> bool:
        """Wait until all accepted jobs are done, ``timeout_s`` at most; return whether they are.

        A job that outlasts one flush is late: no later flush waits for it, and until it ends new jobs are
        refused. So a store that hangs holds an environment once.
        """
        with self._changed:
            if not self._is_late:
                self._is_late = not self._changed.wait_for(self._is_idle, max(0.0, timeout_s))
            return not self._is_late

    def _is_idle(self) -> bool:
        return not self._is_busy and not self._waiting

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._waiting))
                job, self._is_busy = self._waiting.popleft(), True
            self._settle()
            self._do(job)
            with self._changed:
                self._is_busy = False
                self._is_late = self._is_late and bool(self._waiting)
                self._changed.notify_all()

    def _do(self, job: Job) -> None:
        """Do one job. Nothing may be raised here: it would end the thread."""
        failure: Exception | None = None
        try:
            self._work(job)
        except Exception as error:  # noqa: BLE001 - the answer is out; what fails now must not cost the next
            self.rest()
            failure = error
        try:
            self._done(failure)
        except Exception as error:  # noqa: BLE001 - likewise
            self._warn(f"telemetry of {self._name} failed: {type(error).__name__}")

    def _warn(self, message: str) -> None:
        logging.getLogger(__name__).warning("%s", message)
