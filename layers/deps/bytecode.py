"""Compile a package tree ahead of time, for a Python that need not be the running one.

Lambda's file system is read-only, so that without bytecode in the package every cold start compiles
all it imports. The files are checked by nobody at run time ("unchecked hash"), carry the paths that
they will have on Lambda, and are the same on each build.
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
    """The full version of a CPython, or None where it is another Python or does not start."""
    try:
        done = subprocess.run(
            [str(interpreter), "-I", "-c", ASK], capture_output=True, text=True, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    name, _, version = done.stdout.strip().partition(" ")
    return version if done.returncode == 0 and name == "cpython" else None


def _candidates(minor: str) -> Iterator[Path]:
    """Places where a Python of the version `minor` ("3.13") may be, the running one first."""
    yield Path(sys.executable)
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        yield Path(folder) / f"python{minor}"
    home = Path.home()
    for root in (Path(os.environ.get("PYENV_ROOT") or home / ".pyenv"), home / ".local/share/uv/python"):
        yield from sorted(root.glob(f"**/versions/{minor}.*/bin/python{minor}"))
        yield from sorted(root.glob(f"cpython-{minor}.*/bin/python{minor}"))


def interpreter_for(minor: str) -> Path | None:
    """A CPython of the version `minor` ("3.13") that starts, or None where there is none."""
    for path in _candidates(minor):
        if path.is_file() and (_version_of(path) or "").startswith(f"{minor}."):
            return path
    return None


def interpreter_version(interpreter: Path | None) -> str:
    """The full version of an interpreter in words, "none" for None."""
    return _version_of(interpreter) or "none" if interpreter else "none"


def compile_tree(folder: Path, interpreter: Path, *, deployed_at: str) -> None:
    """Writes `__pycache__` files for all modules below `folder`.

    `deployed_at` is the path that tracebacks shall name in place of `folder`.
    Raises subprocess.CalledProcessError where a module does not compile.
    """
    command = [str(interpreter), "-S", "-s", "-m", "compileall", "-q", "-f"]
    command += ["--invalidation-mode", "unchecked-hash", "-s", str(folder), "-p", deployed_at, str(folder)]
    # A fixed hash seed: the order of sets in the compiled constants depends on it.
    environment = {"PATH": os.environ.get("PATH", ""), "PYTHONHASHSEED": "0"}
    subprocess.run(command, env=environment, stdout=sys.stderr, check=True)
