"""The highest memory that a command takes, in a process of its own."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.results import BenchmarkError

_RUN = """
import sys
from pathlib import Path
from rewardctl.cli import main

main(sys.argv[1:], standalone_mode=False)
status = Path("/proc/self/status").read_text()
print(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")))
"""
"""Reads its own peak: that of a child, as the system tells it, begins with the memory of its parent."""


def peak_mb(arguments: Sequence[str]) -> float:
    """Megabytes (2**20 bytes) of the highest resident set of ``rewardctl`` with these arguments.

    Raises BenchmarkError if the command fails, or the system does not tell.
    """
    done = subprocess.run(
        [sys.executable, "-c", _RUN, *arguments],
        cwd=Path(__file__).resolve().parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BenchmarkError(f"rewardctl {' '.join(arguments)} failed: {done.stderr[-500:]}")
    return int(done.stdout.split()[-1]) / 1024
