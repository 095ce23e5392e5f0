"""A run folder: ``run.json``, ``results.jsonl`` in the order of the source, and ``verdicts.sqlite``.

After each batch its results are appended, and ``run.json`` is replaced; it says how many bytes of results
belong to whole batches. Whatever ends the program, the next one cuts the results there and goes on.
"""

import fcntl
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Self

from rewardctl.files import write_whole
from rewardctl.runs.records import RESULTS
from rewardctl.runs.state import Progress, RunIdentity
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
        self._results = (path / RESULTS).open("ab")

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
            with _explained(path):
                before = read_info(path) if (path / INFO).is_file() else None
                if before is not None:
                    _require_same(path, before, identity)
                progress = _progress(before)
                _cut(path / RESULTS, progress.bytes)
                started = {"started_at": _now(), **about} if before is None else _about(before)
                run = cls(path, identity, started, progress)
                run.save()
            try:
                yield run
            finally:
                run.close()

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
            self._results.write(records)
            self._results.flush()
            after = self.progress.plus(batch)
            self._write(after, fields)
            self.progress = after
        except OSError as error:
            with suppress(OSError):
                _cut(self.path / RESULTS, self.progress.bytes)
            raise RunError(
                f"{self.path}: {error.strerror}; {self.progress.rows:,} rows and all verdicts are kept. "
                "Free space, and give the same command again"
            ) from error

    def save(self, **fields: Any) -> None:
        """Write ``run.json``, with ``fields`` added. Raises OSError."""
        self._write(self.progress, fields)

    def _write(self, progress: Progress, fields: Mapping[str, Any]) -> None:
        self.about.update(fields)
        identity = asdict(self.identity)
        info = {"run": FORMAT, **identity, **self.about, "progress": asdict(progress)}
        write_whole(self.path / INFO, json.dumps(info, indent=1).encode())

    def close(self) -> None:
        """Close the results."""
        with suppress(OSError):
            self._results.close()


def read_info(path: Path) -> dict[str, Any]:
    """The content of a run folder's ``run.json``. Raises RunError."""
    try:
        info = json.loads((path / INFO).read_bytes())
    except OSError as error:
        raise RunError(f"{path} is not a run folder: it has no readable {INFO}") from error
    except ValueError as error:
        raise RunError(f"{path / INFO} is not JSON; remove the folder, or name another") from error
    if not isinstance(info, dict) or not isinstance(info.get("run"), int):
        raise RunError(f"{path / INFO} is not a run; name another folder")
    if info["run"] > FORMAT:
        raise RunError(f"{path / INFO} has format {info['run']}, newer than {FORMAT}; update this program")
    return info


def open_verdicts(path: Path, *, read_only: bool = False) -> RunVerdicts:
    """The verdicts of a run folder. Raises RunError."""
    import sqlite3

    try:
        return RunVerdicts(path / VERDICTS, read_only=read_only)
    except sqlite3.Error as error:
        raise RunError(f"{path / VERDICTS} can't be used: {error}; name another folder") from error


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        words = f"{path}: {error.strerror}; free space, or name another folder with --run"
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


def _require_same(path: Path, before: Mapping[str, Any], identity: RunIdentity) -> None:
    wanted = asdict(identity)
    different = [name for name, value in wanted.items() if before.get(name) != value]
    if "definition" in different:
        old, new = before.get("definition") or {}, wanted["definition"]
        raise RunError(
            f"{path} is a run of the definition {old.get('name')} {old.get('version')}, and this is "
            f"{new['name']} {new['version']}; name another folder with --run"
        )
    if different:
        pairs = ", ".join(f"{name} {before.get(name)!r}, now {wanted[name]!r}" for name in different)
        raise RunError(f"{path} is another run ({pairs}); name another folder with --run")


def _about(before: Mapping[str, Any]) -> dict[str, Any]:
    names = ("run", "progress", *RunIdentity.__dataclass_fields__)
    return {name: value for name, value in before.items() if name not in names}


def _progress(before: Mapping[str, Any] | None) -> Progress:
    saved = dict(before["progress"]) if before else {}
    return replace(Progress(**saved), problems=tuple(saved.get("problems", ())))


def _cut(results: Path, size: int) -> None:
    """Cut what was written after the last whole batch. Raises RunError if that batch is not whole."""
    with results.open("ab") as file:
        if file.tell() < size:
            raise RunError(
                f"{results} lost its end, as after a power failure; remove {results.parent / INFO} and "
                f"{results.name}, and give the same command again: verdicts are not paid for twice"
            )
        file.truncate(size)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
