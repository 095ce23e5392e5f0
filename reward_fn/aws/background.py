"""Jobs done after the answer, one after another, by one thread that nobody has to wait for."""

import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

Job = TypeVar("Job")


class Background(Generic[Job]):
    """``work`` is called with each accepted job; it must not raise.

    A job that outlasted a :meth:`drain` holds nobody up again: until it ends, new jobs are refused.
    """

    def __init__(self, work: Callable[[Job], None], *, most_waiting: int, name: str) -> None:
        self._work = work
        self._most_waiting = most_waiting
        self._waiting: deque[Job] = deque()
        self._changed = threading.Condition()
        self._busy = self._late = False
        threading.Thread(target=self._run, name=name, daemon=True).start()

    def offer(self, job: Job) -> bool:
        """Accept a job and return at once; False where it is refused: too many wait, or one hangs."""
        with self._changed:
            if self._late or len(self._waiting) >= self._most_waiting:
                return False
            self._waiting.append(job)
            self._changed.notify_all()
            return True

    def drain(self, timeout_s: float) -> bool:
        """Wait until all accepted jobs are done, ``timeout_s`` at most; whether they are."""
        with self._changed:
            if not self._late:
                self._late = not self._changed.wait_for(self._idle, max(0.0, timeout_s))
            return not self._late

    def _idle(self) -> bool:
        return not self._busy and not self._waiting

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._waiting))
                job, self._busy = self._waiting.popleft(), True
            try:
                self._work(job)
            finally:
                with self._changed:
                    self._busy = False
                    self._late = self._late and bool(self._waiting)
                    self._changed.notify_all()
