"""Run a custom check under guard: limit its time, and validate its result.

A score is a bool or a number in [0, 1]. Any other result, an exception, or a check that runs too long leaves
the rollout unscored for the reason ``check_failed``; other rollouts are not affected.

**Time.** The check runs in a thread of its own, which is abandoned after ``TIME_LIMIT_S``. An exception is
raised in that thread, so pure Python ends at its next bytecode. A call into C ends only when it returns. A C
call that keeps the interpreter's lock, such as a search by ``re`` on bait, can't be stopped in this process:
use :mod:`reward_fn.text.patterns` for searches. No check runs beyond the time that a batch has for its
checks.
"""

import threading
from collections.abc import Callable
from contextvars import Context, copy_context
from numbers import Real
from queue import Empty, SimpleQueue
from typing import Any

from reward_fn.text import batch_time
from reward_fn.types.check import Check, CheckResult
from reward_fn.types.rollout import Rollout
from reward_fn.types.unscored import Reason, Unscored

TIME_LIMIT_S = 2.0
"""The limit for one rollout, unless the definition sets ``time_limit_s``. A query or a parser takes
milliseconds; work that takes seconds for each of 64 rollouts does not belong in a check."""

MAX_DETAIL_CHARS = 300

Work = Callable[[Rollout], Any]


class TimeLimitReached(BaseException):
    """Raised inside a check that runs too long; an ``except Exception`` in the check doesn't catch it."""


class _Worker:
    """A daemon thread that runs checks one after the other; it is abandoned once a check hangs."""

    def __init__(self) -> None:
        self._tasks: SimpleQueue[tuple[Context, Work, Rollout, SimpleQueue[Any]]] = SimpleQueue()
        self._thread = threading.Thread(target=self._serve, name="own-check", daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        try:
            while True:
                context, work, rollout, done = self._tasks.get()
                done.put(context.run(_called, work, rollout))
        except TimeLimitReached:
            return

    def run(self, work: Work, rollout: Rollout, limit_s: float) -> Any:
        """The value that the check returns, or its exception. Raises TimeoutError after ``limit_s``."""
        done: SimpleQueue[Any] = SimpleQueue()
        self._tasks.put((copy_context(), work, rollout, done))
        try:
            return done.get(timeout=limit_s)
        except Empty as error:
            self._abandon()
            raise TimeoutError from error

    def _abandon(self) -> None:
        import ctypes  # takes 3 ms, so not in a cold start

        identity = ctypes.c_ulong(self._thread.ident or 0)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(identity, ctypes.py_object(TimeLimitReached))


def _called(work: Work, rollout: Rollout) -> Any:
    """The value that the check returns, or the exception that it raises."""
    try:
        return work(rollout)
    except TimeLimitReached:
        raise
    except BaseException as error:  # noqa: BLE001 - even SystemExit fails this rollout only
        return error


class _Workers:
    """The current worker; a new one replaces one that hangs."""

    current: _Worker | None = None


def guarded(name: str, work: Work, limit_s: float = TIME_LIMIT_S) -> Check:
    """The check ``work`` as one that never raises and always returns in time."""

    def check(rollout: Rollout) -> CheckResult | Unscored:
        allowed_s = min(limit_s, batch_time.current().remaining_s())
        if allowed_s <= 0:
            return Unscored(Reason.DEADLINE, f"check {name}: no time left")
        worker = _Workers.current = _Workers.current or _Worker()
        try:
            return _read(name, worker.run(work, rollout, allowed_s))
        except TimeoutError:
            _Workers.current = None
            return _failed(name, f"took longer than {allowed_s:.3g} s")

    return check


def _read(name: str, returned: Any) -> CheckResult | Unscored:
    """The result of a check, or why it failed. Texts are not quoted, since they may be a rollout's."""
    if isinstance(returned, BaseException):
        return _failed(name, f"raised {type(returned).__name__}")
    if isinstance(returned, Unscored):
        return returned
    score: Any
    detail: Any
    score, detail = (returned.score, returned.detail) if isinstance(returned, CheckResult) else (returned, "")
    if isinstance(score, Real) and _is_share(score):
        return CheckResult(float(score), detail[:MAX_DETAIL_CHARS] if isinstance(detail, str) else "")
    shown = repr(score) if score is None or isinstance(score, float) else f"a value of type {_kind(score)}"
    return _failed(name, f"returned {shown}; return a bool or a number from 0 to 1")


def _is_share(score: Any) -> bool:
    return bool(0 <= score <= 1)  # false for NaN; not converted, since a huge integer has no float


def _kind(value: Any) -> str:
    return f"{type(value).__name__}, out of range" if isinstance(value, Real) else type(value).__name__


def _failed(name: str, what: str) -> Unscored:
    return Unscored(Reason.CHECK_FAILED, f"check {name}: {what}")
