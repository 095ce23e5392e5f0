"""The last step of each build: bytecode, and the same modes and times for all files."""

from __future__ import annotations

import os
from pathlib import Path

from bytecode import compile_tree
from target import Target

REQUIRE_BYTECODE = "REQUIRE_BYTECODE"
EPOCH_S = 315_532_800  # 1 January 1980, the earliest time in a zip file


def finish(folder: Path, interpreter: Path | None, target: Target, *, deployed_at: str) -> None:
    """Add bytecode, and set modes and times of all files to constants."""
    if interpreter is None:
        print(
            f"  warning: no Python {target.version} to compile bytecode, so that cold starts are slower. "
            f"Install one and build again. {REQUIRE_BYTECODE}=1 makes this an error.",
            flush=True,
        )
    else:
        compile_tree(folder, interpreter, deployed_at=deployed_at)
    for path in sorted(folder.rglob("*"), reverse=True):
        path.chmod(0o755 if path.is_dir() or path.suffix == ".so" else 0o644)
        os.utime(path, (EPOCH_S, EPOCH_S))
