"""A guard for hostile input: what should take milliseconds must not take seconds."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

GUARD_S = 5.0


@contextmanager
def bounded_time(limit_s: float = GUARD_S) -> Iterator[None]:
    """Fail where the body takes longer than ``limit_s``, stopping it where the interpreter can.

    Generous: nothing under it needs a tenth of that, so only a cost out of proportion fails.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        raise AssertionError(f"still running after {limit_s} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, limit_s)
    begun = time.monotonic()
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert time.monotonic() - begun < limit_s
