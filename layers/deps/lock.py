"""One build at a time of what several builds share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from types import ModuleType

fcntl: ModuleType | None = None
with suppress(ImportError):  # Windows has none
    fcntl = import_module("fcntl")


@contextmanager
def one_build_at_a_time(folder: Path) -> Iterator[None]:
    """Keep other builds waiting while the block makes what is kept in ``folder``.

    Without it two builds make the same layer, and one may delete it while the other copies it. The system
    frees the lock with the process that holds it. On a system without ``flock``, builds don't wait.
    """
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as file:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
