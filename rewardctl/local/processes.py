"""Start a program in a new session, and stop it with all its children."""

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

GRACE_S = 3.0
POLL_S = 0.02
LOOPBACK = "127.0.0.1"


def start(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path,
    log: Path,
    error_log: Path,
) -> "subprocess.Popen[bytes]":
    """Start `command` with standard output and error in the two files.

    The new session keeps the terminal's Ctrl-C away from it, so that :func:`stop` can stop it in order.
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
    """Stop a process of :func:`start` and its session: with SIGTERM, after `grace_s` seconds with SIGKILL."""
    with _interrupts_ignored():
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


def wait_for_port(process: "subprocess.Popen[bytes]", port: int, *, within_s: float) -> bool:
    """Wait until a process of :func:`start` listens on a loopback port.

    Returns False if the process ended or `within_s` seconds have passed.
    """
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=1.0):
            return True
        time.sleep(POLL_S)
    return False


def session_members(session: int) -> list[int]:
    """The ids of the living processes in a session, in whatever process group they are.

    Empty if the system has no /proc; only the process group is known then.
    """
    members = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # pid (name) state parent group session ...; the name may contain spaces and brackets
            fields = stat.read_text().rpartition(")")[2].split()
            if int(fields[3]) == session and fields[0] != "Z":
                members.append(int(stat.parent.name))
    return members


def _signal_group(group: int, signum: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signum)


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """Ignore Ctrl-C in the block, so that a second one does not interrupt the stopping."""
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
    """Turn SIGTERM and SIGHUP into SystemExit for the block, so that started processes are stopped."""

    def exit_with(signum: int, _frame: object) -> None:
        raise SystemExit(128 + signum)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {each: signal.signal(each, exit_with) for each in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
