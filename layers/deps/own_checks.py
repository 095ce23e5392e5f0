"""Custom checks as a part of the function, with the packages that they pin."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from bytecode import interpreter_for
from finish import finish
from target import BuildError, Target
from wheels import PROJECT, run_pip

CHECKS_PATH = "CHECKS_PATH"
CHECKS = "checks"
NOT_SHIPPED = {"__pycache__", "cases", "site-packages"}


def own_checks() -> Path | None:
    """The folder of custom checks, or None. Raises BuildError if CHECKS_PATH is not a folder."""
    named = os.environ.get(CHECKS_PATH, "").strip()
    folder = Path(named).expanduser().resolve() if named else PROJECT / CHECKS
    if named and not folder.is_dir():
        raise BuildError(
            f"{CHECKS_PATH}={named!r} is not a folder: give the folder of your checks, or unset it"
        )
    return folder if folder.is_dir() else None


def build_checks(target: Target, to: Path) -> None:
    """Copy the custom checks into `to` with their pinned packages, without their cases."""
    source, place = own_checks(), to / CHECKS
    shutil.rmtree(place, ignore_errors=True)
    if source is None:
        return
    for path in sorted(source.rglob("*")):
        if path.is_file() and not NOT_SHIPPED & set(path.relative_to(source).parts):
            copy = place / path.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
    if (source / "requirements.txt").is_file():
        print("  downloading the packages of your checks", flush=True)
        arguments = ["install", "--no-deps", "--require-hashes", "--no-compile"]
        arguments += ["-r", str(source / "requirements.txt"), "--target", str(place / "site-packages")]
        remedy = "Pin all packages of checks/requirements.txt and their dependencies by version and hash: "
        run_pip([*arguments, *target.pip_options()], remedy=remedy + "pip-compile --generate-hashes")
    if place.is_dir():
        finish(place, interpreter_for(target.version), target, deployed_at=f"/var/task/{CHECKS}")
