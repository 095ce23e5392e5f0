"""Guards for hostile input: work that should take milliseconds must not take seconds."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

GUARD_S = 5.0


@contextmanager
def bounded_time(limit_s: float = GUARD_S) -> Iterator[None]:
    """Fail if the body takes ``limit_s`` seconds of wall time; interrupt it if possible.

    Use it for bodies that wait, such as a call to a slow server, and :func:`bounded_cpu` for all others.
    """
    with _alarm(signal.ITIMER_REAL, signal.SIGALRM, limit_s):
        begun_s = time.monotonic()
        yield
    assert time.monotonic() - begun_s < limit_s


@contextmanager
def bounded_cpu(limit_s: float = GUARD_S) -> Iterator[None]:
    """Fail if the body takes ``limit_s`` seconds of processor time; interrupt it if possible.

    The load of the machine does not matter. The limit is generous: no guarded body needs a tenth of it, so
    only a cost out of proportion fails.
    """
    with _alarm(signal.ITIMER_PROF, signal.SIGPROF, limit_s):
        begun_s = time.process_time()
        yield
    assert time.process_time() - begun_s < limit_s


@contextmanager
def _alarm(timer: int, number: signal.Signals, limit_s: float) -> Iterator[None]:
    def stop(signal_number: int, frame: FrameType | None) -> None:
        raise AssertionError(f"still running after {limit_s} s")

    before = signal.signal(number, stop)
    signal.setitimer(timer, limit_s)
    try:
        yield
    finally:
        signal.setitimer(timer, 0)
        signal.signal(number, before)
