"""A run folder: ``run.json``, ``results.jsonl`` in the order of the source, and ``verdicts.sqlite``.

After each batch its results are appended, and ``run.json`` is replaced; it says how many bytes of results
belong to whole batches. Whatever ends the program, the next one cuts the results there and goes on.
"""

import fcntl
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Self

from rewardctl.files import write_whole
from rewardctl.runs.records import RESULTS
from rewardctl.runs.state import Progress, RunIdentity, about_of, as_json, read_progress
from rewardctl.runs.verdicts import RunVerdicts

FORMAT = 1
INFO = "run.json"
VERDICTS = "verdicts.sqlite"


class RunError(Exception):
    """The run folder can't be used. The message says why and what to do."""


class RunFolder:
    """An open run folder, used by one program at a time. Made by :meth:`open`."""

    def __init__(
        self, path: Path, identity: RunIdentity, about: Mapping[str, Any], progress: Progress
    ) -> None:
        self.path = path
        self.identity = identity
        self.progress = progress
        self.about = dict(about)

    @classmethod
    @contextmanager
    def open(cls, path: Path, identity: RunIdentity, about: Mapping[str, Any]) -> Iterator[Self]:
        """Make the folder, or continue the run in it.

        ``about`` is added to ``run.json`` when the run begins. Raises RunError if another program uses the
        folder, if it holds another run, or if it can't be written.
        """
        with _explained(path):
            path.mkdir(parents=True, exist_ok=True)
            lock = _lock(path)
        with lock:
            before = _info_of_run(path)
            if before is not None and (difference := identity.difference(before)):
                raise RunError(f"{path} can't be continued: {difference}; name another folder with --run")
            progress = Progress() if before is None else progress_of(path, before)
            started = {"started_at": _now(), **about} if before is None else about_of(before)
            run = cls(path, identity, started, progress)
            with _explained(path):
                _cut(path / RESULTS, progress.bytes)
                if before is None:
                    run.save()
            yield run

    @property
    def verdicts_path(self) -> Path:
        """The file of the run's verdicts."""
        return self.path / VERDICTS

    @property
    def is_finished(self) -> bool:
        """Whether a program has finished this run."""
        return self.about.get("finished_at") is not None

    def append(self, records: bytes, batch: Progress, **fields: Any) -> None:
        """Add the records of a batch, and ``fields`` to ``run.json``.

        Raises RunError if they can't be written: the folder is as before.
        """
        try:
            with (self.path / RESULTS).open("ab") as results:
                results.write(records)
            after = self.progress.plus(batch)
            self._write(after, fields)
            self.progress = after
        except OSError as error:
            with suppress(OSError):
                _cut(self.path / RESULTS, self.progress.bytes)
            raise self.unwritable(error.strerror or str(error)) from error

    def unwritable(self, reason: str) -> RunError:
        """The error for a folder that can't be written any more, as on a full disk."""
        return RunError(
            f"{self.path} can't be written: {reason}; {self.progress.rows:,} rows and the verdicts written "
            "before are kept. Free space, and give the same command again"
        )

    def finish(self) -> None:
        """Say in ``run.json`` that the run is whole. Raises RunError."""
        try:
            self.save(finished_at=_now())
        except OSError as error:
            raise self.unwritable(error.strerror or str(error)) from error

    def save(self, **fields: Any) -> None:
        """Write ``run.json``, with ``fields`` added. Raises OSError."""
        self._write(self.progress, fields)

    def _write(self, progress: Progress, fields: Mapping[str, Any]) -> None:
        about = {**self.about, **fields}
        info = {"run": FORMAT, **as_json(self.identity, about, progress)}
        write_whole(self.path / INFO, json.dumps(info, indent=1).encode())
        self.about = about


def read_info(path: Path) -> dict[str, Any]:
    """The content of a run folder's ``run.json``. Raises RunError."""
    try:
        info = json.loads((path / INFO).read_bytes())
    except OSError as error:
        raise RunError(f"{path} is not a run folder: it has no readable {INFO}") from error
    except (ValueError, RecursionError) as error:
        raise RunError(f"{path / INFO} is not JSON; {_start_again(path)}") from error
    if not isinstance(info, dict) or not isinstance(info.get("run"), int):
        raise RunError(f"{path / INFO} is not of a run; name another folder")
    if info["run"] > FORMAT:
        raise RunError(f"{path / INFO} has format {info['run']}, newer than {FORMAT}; update this program")
    return info


def _info_of_run(path: Path) -> dict[str, Any] | None:
    """The content of ``run.json``; None in a folder without a run. Raises RunError."""
    if (path / INFO).is_file():
        return read_info(path)
    results = path / RESULTS
    if results.is_file() and results.stat().st_size:
        raise RunError(f"{results} exists without {INFO}; remove it, or name another folder with --run")
    return None


def progress_of(path: Path, info: Mapping[str, Any]) -> Progress:
    """How far a run is, by the content of its ``run.json``. Raises RunError."""
    try:
        return read_progress(info)
    except ValueError as error:
        raise RunError(f"{path / INFO} is damaged: {error}; {_start_again(path)}") from error


def open_verdicts(path: Path, *, read_only: bool = False) -> RunVerdicts:
    """The verdicts of a run folder. Raises RunError."""
    import sqlite3

    try:
        return RunVerdicts(path / VERDICTS, read_only=read_only)
    except sqlite3.Error as error:
        raise RunError(f"{path / VERDICTS} can't be used: {error}; name another folder with --run") from error


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except (FileExistsError, NotADirectoryError) as error:
        raise RunError(f"{path} is a file, or below one; name a folder with --run") from error
    except OSError as error:
        words = f"{path} can't be written: {error.strerror}; free space, or name another folder with --run"
        raise RunError(words) from error


def _lock(path: Path) -> IO[bytes]:
    """An open file that holds the folder's lock. Raises RunError if another program holds it."""
    lock = (path / ".lock").open("wb")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise RunError(f"{path} is in use; wait for that program, or name another folder") from error
    return lock


def _start_again(path: Path) -> str:
    files = f"{path / INFO} and {path / RESULTS}"
    return f"remove {files}, and give the same command again: no verdict is paid for twice"


def _cut(results: Path, size: int) -> None:
    """Cut what was written after the last whole batch. Raises RunError if that batch is not whole."""
    with results.open("ab") as file:
        if file.tell() < size:
            why = f"{results} lost its end, as after a power failure"
            raise RunError(f"{why}; {_start_again(results.parent)}")
        if file.tell() > size:
            file.truncate(size)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
