"""Make the environment of a tool whose pins do not fit those of development: .build/NAME.

    PYTHON requirements/separate.py NAME            makes it, if it is not ready, from requirements/NAME.txt
    PYTHON requirements/separate.py NAME --ready    exit status 0 if it is ready

Standard library alone.
"""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import sys
import venv
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
ENVIRONMENTS = {
    "scan": "the policy scanner",
    "litellm": "LiteLLM's proxy, for a test",
    "trl": "TRL's trainer",
}
TORCH = "torch==2.13.0"
"""Installed into .build/trl after the pins, without dependencies and without a hash: the hashes of CPU builds
differ from index to index."""
CPU_BUILD = "+cpu"
"""The version suffix of a build for the CPU. On Linux for x86 the build without it needs CUDA."""


def folder_of(name: str) -> Path:
    """Where the environment of that name lies."""
    return PROJECT / ".build" / name


def is_ready(name: str) -> bool:
    """Whether the environment is what the pins of today would make."""
    stamp = folder_of(name) / "made-from.txt"
    return stamp.is_file() and stamp.read_text() == _stamp(name)


def sync(name: str) -> None:
    """Make the environment if it is not ready. Raises subprocess.CalledProcessError."""
    if is_ready(name):
        return
    folder = folder_of(name)
    print(f"Setting up {ENVIRONMENTS[name]} in .build/{name}, once.", file=sys.stderr, flush=True)
    venv.EnvBuilder(clear=True, with_pip=True, symlinks=True).create(folder)
    command = [
        str(folder / "bin" / "python"),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-input",
        "--no-compile",
    ]
    command += [
        "--no-compile",
        "--disable-pip-version-check",
        "--require-hashes",
        "--no-deps",
        "--only-binary",
        ":all:",
    ]
    environment = {**os.environ, "PIP_USER": "0"}
    subprocess.run([*command, "-r", str(_pins(name))], check=True, env=environment)
    if name == "trl":
        _add_torch(folder)
    (folder / "made-from.txt").write_text(_stamp(name))


def _add_torch(folder: Path) -> None:
    """Install torch for the CPU. Raises CalledProcessError if no package index has such a build."""
    needs_suffix = sys.platform == "linux" and platform.machine() == "x86_64"
    wheel = TORCH + (CPU_BUILD if needs_suffix else "")
    command = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-input", "--no-deps"]
    try:
        subprocess.run([*command, "--only-binary", ":all:", wheel], check=True)
    except subprocess.CalledProcessError:
        print(f"{wheel} must come from PyTorch's index of CPU builds: name it in PIP_EXTRA_INDEX_URL, "
              "or a folder with the wheel in PIP_FIND_LINKS.", file=sys.stderr)  # fmt: skip
        raise


def _pins(name: str) -> Path:
    return PROJECT / "requirements" / f"{name}.txt"


def _stamp(name: str) -> str:
    """What an up-to-date environment was made from: the pins and the running Python."""
    return f"{sys.version_info[:2]} {hashlib.sha256(_pins(name).read_bytes()).hexdigest()}\n"


def main(arguments: list[str]) -> int:
    """Run the command line given in the module's docstring and return its exit status."""
    name = arguments[0] if arguments else ""
    if name not in ENVIRONMENTS:
        print(f"name one of {', '.join(ENVIRONMENTS)}", file=sys.stderr)
        return 2
    if arguments[1:] == ["--ready"]:
        return 0 if is_ready(name) else 1
    try:
        sync(name)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f".build/{name} could not be made: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
