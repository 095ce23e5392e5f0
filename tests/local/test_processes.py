"""Stopping a program with all that it started."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rewardctl.local import processes

# Ignores SIGTERM, and has a child in a process group of its own, which does too.
STUBBORN = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if len(sys.argv) == 1:
    child = subprocess.Popen([sys.executable, __file__, "child"], process_group=0)
print(os.getpid(), flush=True)
time.sleep(60)
"""
needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc on this system")


def started(tmp_path: Path, code: str, *arguments: str) -> "subprocess.Popen[bytes]":
    script = tmp_path / "a program.py"
    script.write_text(code)
    return processes.start(
        [sys.executable, str(script), *arguments],
        env=dict(os.environ), cwd=tmp_path, log=tmp_path / "log", error_log=tmp_path / "errors",
    )  # fmt: skip


def wait_for_lines(log: Path, count: int) -> list[str]:
    deadline = time.monotonic() + 20
    while len(lines := log.read_text().split()) < count:
        assert time.monotonic() < deadline, f"{lines} in {log}"
        time.sleep(0.02)
    return lines


@needs_proc
def test_a_stubborn_program_and_its_child_are_ended_by_force(tmp_path: Path) -> None:
    process = started(tmp_path, STUBBORN)
    pids = {int(pid) for pid in wait_for_lines(tmp_path / "log", 2)}
    assert set(processes.session_members(process.pid)) == pids
    processes.stop(process, grace_s=0.3)
    assert processes.session_members(process.pid) == []


def test_a_program_that_has_ended_is_stopped_without_a_word(tmp_path: Path) -> None:
    process = started(tmp_path, "print(1)")
    process.wait(timeout=20)
    processes.stop(process)
    assert process.returncode == 0


def test_a_polite_program_has_time_to_clean_up(tmp_path: Path) -> None:
    code = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: (print('cleaned up', flush=True), sys.exit(0)))\n"
        "print('ready', flush=True)\n"
        "time.sleep(60)\n"
    )
    process = started(tmp_path, code)
    wait_for_lines(tmp_path / "log", 1)
    processes.stop(process, grace_s=10)
    assert (tmp_path / "log").read_text() == "ready\ncleaned up\n"
