"""Read the records of a run folder, of a file of records, or of a folder of trace objects, one by one.

A run folder holds ``results.jsonl``; a folder of traces holds ``*.jsonl`` and ``*.jsonl.gz`` objects.
"""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

from rewardctl.local.errors import InputError
from rewardctl.runs.records import read_traces

RESULTS = "results.jsonl"
NAME_ONE = "Name a run folder, a file of records, or a folder of traces."

Record = dict[str, Any]


class Line(NamedTuple):
    """One line that is not blank: its file, its number from 1, and its bytes."""

    file: Path
    number: int
    content: bytes

    def record(self) -> Record:
        """The record; its own ``line`` stays, else it gets the number. Raises InputError."""
        try:
            (record,) = read_traces(self.content)
        except ValueError as error:
            what = str(error).removeprefix("line 1 ")
            raise InputError(f"line {self.number} of {self.file} {what}", remedy=NAME_ONE) from error
        return {"line": self.number, **record}


def lines_of(path: Path) -> Iterator[Line]:
    """The lines of all files under ``path``.

    The last line of a run that was interrupted may be half a record; it is left out. Raises InputError.
    """
    for file in _files(path):
        try:
            with _opened(file) as stream:
                for number, content in enumerate(stream, 1):
                    if content.strip() and (content.endswith(b"\n") or _is_whole(content)):
                        yield Line(file, number, content)
        except (OSError, EOFError, zlib.error) as error:
            why = getattr(error, "strerror", None) or error
            raise InputError(f"{file} can't be read: {why}", remedy=NAME_ONE) from error


def newest_run(runs: Path) -> Path:
    """The run folder under ``runs`` whose results are the newest. Raises InputError if there is none."""
    results = [path for path in runs.glob(f"*/{RESULTS}") if path.is_file()]
    if not results:
        raise InputError(
            f"there is no run in the folder {runs}",
            remedy="Name a run, a file of records or a folder of traces by --run, or an event by --event.",
        )
    return max(results, key=lambda path: path.stat().st_mtime).parent


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    if (path / RESULTS).is_file():
        return [path / RESULTS]
    files = sorted(file for end in ("*.jsonl", "*.jsonl.gz") for file in path.rglob(end))
    if not files:
        fault = "holds no records" if path.is_dir() else "does not exist"
        raise InputError(f"{path} {fault}", remedy=NAME_ONE)
    return files


def _opened(file: Path) -> IO[bytes]:
    """The file, unpacked if it begins as gzip does."""
    with file.open("rb") as stream:
        is_packed = stream.read(2) == b"\x1f\x8b"
    return gzip.open(file, "rb") if is_packed else file.open("rb")  # type: ignore[return-value]


def _is_whole(content: bytes) -> bool:
    """Whether a last line without a line break is a whole object."""
    return content.rstrip().endswith(b"}")
