"""The wheels of the layer, downloaded once for each target and set of pins, and where builds are kept."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from target import BuildError, Target

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent.parent
PINS = HERE / "requirements.txt"
CACHE = PROJECT / ".build"
STAMP = "made-from.txt"


def run_pip(arguments: Sequence[str], *, remedy: str) -> None:
    """Run pip with the running Python. Raises BuildError with pip's last output and `remedy`."""
    command = [sys.executable, "-m", "pip", *arguments, "--quiet", "--disable-pip-version-check"]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode != 0:
        output = "\n    ".join((done.stdout + done.stderr).strip().splitlines()[-8:])
        raise BuildError(f"pip {arguments[0]} failed:\n    {output}\n  {remedy}")


def publish(new: Path, place: Path, stamp: str) -> None:
    """Stamp the finished folder `new` and move it to `place`, unless another build was faster."""
    (new / STAMP).write_text(stamp)
    if not is_made_from(place, stamp):
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(place, ignore_errors=True)
        new.rename(place)


def sha256(*paths: Path) -> str:
    """The hash of the contents of all files."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def is_made_from(folder: Path, stamp: str) -> bool:
    """Whether `folder` is complete and has this stamp."""
    path = folder / STAMP
    return path.is_file() and path.read_text() == stamp


def ensure_wheels(target: Target) -> Path:
    """Return the folder with the layer's wheels for `target`, downloaded once for each set of pins."""
    folder, stamp = CACHE / "wheels" / target.name, sha256(PINS)
    if is_made_from(folder, stamp):
        return folder
    print(f"  downloading the layer's wheels for {target.name}, only once", flush=True)
    CACHE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
        new = Path(scratch) / "wheels"
        arguments = ["download", "--no-deps", "--require-hashes", "-r", str(PINS), "-d", str(new)]
        remedy = "The first build for a target needs a package index that pip can reach; later ones do not."
        run_pip([*arguments, *target.pip_options()], remedy=remedy)
        publish(new, folder, stamp)
    return folder
