"""Compile a package tree to bytecode, for any installed Python.

Lambda's file system is read-only, so that without bytecode in the package every cold start compiles
all imports. The bytecode is not checked against its source at run time ("unchecked hash"), contains
the paths on Lambda, and is identical in each build.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ASK = "import sys; print(sys.implementation.name, '%d.%d.%d' % sys.version_info[:3])"


@cache
def _version_of(interpreter: Path) -> str | None:
    """The full version of a CPython, or None if it is another Python or does not start."""
    try:
        done = subprocess.run(
            [str(interpreter), "-I", "-c", ASK], capture_output=True, text=True, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    name, _, version = done.stdout.strip().partition(" ")
    return version if done.returncode == 0 and name == "cpython" else None


def _candidates(minor: str) -> Iterator[Path]:
    """Possible paths of a Python of the version `minor` ("3.13"), the running one first."""
    yield Path(sys.executable)
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        yield Path(folder) / f"python{minor}"
    home = Path.home()
    for root in (Path(os.environ.get("PYENV_ROOT") or home / ".pyenv"), home / ".local/share/uv/python"):
        yield from sorted(root.glob(f"**/versions/{minor}.*/bin/python{minor}"))
        yield from sorted(root.glob(f"cpython-{minor}.*/bin/python{minor}"))


def interpreter_for(minor: str) -> Path | None:
    """A CPython of the version `minor` ("3.13") that starts, or None."""
    for path in _candidates(minor):
        if path.is_file() and (_version_of(path) or "").startswith(f"{minor}."):
            return path
    return None


def interpreter_version(interpreter: Path | None) -> str:
    """The full version of an interpreter, "none" for None."""
    return _version_of(interpreter) or "none" if interpreter else "none"


def compile_tree(folder: Path, interpreter: Path, *, deployed_at: str) -> None:
    """Write `__pycache__` files for all modules below `folder`.

    `deployed_at` replaces `folder` in the paths of tracebacks.
    Raises subprocess.CalledProcessError if a module does not compile.
    """
    command = [str(interpreter), "-S", "-s", "-m", "compileall", "-q", "-f"]
    command += ["--invalidation-mode", "unchecked-hash", "-s", str(folder), "-p", deployed_at, str(folder)]
    # The order of sets in compiled constants depends on the hash seed.
    environment = {"PATH": os.environ.get("PATH", ""), "PYTHONHASHSEED": "0"}
    subprocess.run(command, env=environment, stdout=sys.stderr, check=True)
