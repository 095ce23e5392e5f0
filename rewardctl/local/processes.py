"""Start a program in a session of its own, and stop it with all that it started."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

GRACE_S = 3.0
POLL_S = 0.02


def start(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path,
    log: Path,
    error_log: Path,
) -> "subprocess.Popen[bytes]":
    """Starts `command`, its standard output and error going to the two files.

    Its session keeps a Ctrl-C of the terminal from it, so that it is stopped in order, by :func:`stop`.
    """
    with log.open("wb") as out, error_log.open("wb") as err:
        return subprocess.Popen(
            list(command),
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
        )


def stop(process: "subprocess.Popen[bytes]", *, grace_s: float = GRACE_S) -> None:
    """Ends a process of :func:`start` and whatever it left: politely, and after `grace_s` by force."""
    with _deaf_to_interrupts():
        _signal_group(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=grace_s)
        _signal_group(process.pid, signal.SIGKILL)
        deadline = time.monotonic() + grace_s
        while (left := session_members(process.pid)) and time.monotonic() < deadline:
            for pid in left:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            process.poll()
            time.sleep(POLL_S)
        process.wait(timeout=grace_s)


def session_members(session: int) -> list[int]:
    """The ids of the living processes in a session; a program may have moved some to groups of their own.

    Empty where the system has no /proc: there the process group alone is known.
    """
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # pid (name) state parent group session ...; a name may hold spaces and brackets
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[3]) == session and fields[0] != "Z":
                found.append(int(stat.parent.name))
    return found


def _signal_group(group: int, signum: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signum)


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """A second Ctrl-C must not cut the stopping short."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def stop_on_termination() -> Iterator[None]:
    """Turns SIGTERM and SIGHUP into an orderly exit, so that what was started is stopped."""

    def leave(signum: int, _frame: object) -> None:
        raise SystemExit(128 + signum)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {each: signal.signal(each, leave) for each in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
