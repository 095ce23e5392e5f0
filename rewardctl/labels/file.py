"""Files of labels: JSON Lines, one label a line. Lines are only ever added, each whole and on disk.

docs/label.md documents the fields.
"""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from reward_fn.types.rubric import Criterion
from rewardctl.labels.label import Label, LabelError, as_json
from rewardctl.labels.parse import read_label

NO_CRITERIA: Mapping[str, Criterion] = {}


class LabelFile:
    """The labels of one file, in its order. ``notice`` says what was left out, "" if nothing was."""

    def __init__(self, labels: Sequence[Label], notice: str = "") -> None:
        self.labels = tuple(labels)
        self.notice = notice


def read_labels(path: Path, criteria: Mapping[str, Criterion] = NO_CRITERIA) -> LabelFile:
    """Read a file of labels; answers are checked against ``criteria``, by name.

    Use :func:`rewardctl.labels.label.judgements` for the answers in force. A last line that a crash cut off
    is left out, with a notice. Raises LabelError, with the file and the line, for any other bad line, for a
    file that can't be read, and for one without a label.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise LabelError(f"{path} can't be read: {error.strerror}") from error
    labels, notice = [], ""
    lines = content.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            labels.append(read_label(_json_of(line), criteria, number))
        except ValueError:
            if number < len(lines):
                raise LabelError(
                    f"{path}, line {number}: not JSON in UTF-8; put one object on each line"
                ) from None
            notice = f"{path}, line {number} was cut off by an interrupted write and is left out"
        except LabelError as error:
            raise LabelError(f"{path}, line {number}: {error}") from error
    if not labels and not notice:
        raise LabelError(f"{path} holds no label; `rewardctl label` writes such files")
    return LabelFile(labels, notice)


def _json_of(line: bytes) -> object:
    """The JSON value of a line. Raises ValueError, also for another encoding and for bottomless nesting."""
    try:
        return json.loads(line.decode("utf-8"))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _line(label: Label) -> bytes:
    return json.dumps(as_json(label), allow_nan=False).encode("ascii") + b"\n"


class LabelWriter:
    """Adds labels to a file; each is on disk when :meth:`add` returns.

    A last line that an earlier crash cut off is removed. Raises LabelError if the file can't be written, or
    if another process is adding to it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        except OSError as error:
            raise LabelError(f"{path} can't be written: {error.strerror}") from error
        try:
            _lock(self._file)
            self._mend()
        except OSError as error:
            os.close(self._file)
            raise LabelError(
                f"{path} can't be locked ({error.strerror}): another labelling session may be adding to it; "
                "give each session a file of its own"
            ) from error

    def add(self, *labels: Label) -> None:
        """Write labels and wait until they are on disk.

        Raises LabelError if that fails, for example on a full disk; none of them is then in the file.
        """
        left = memoryview(b"".join(map(_line, labels)))
        size = os.fstat(self._file).st_size
        try:
            while left:
                left = left[os.write(self._file, left) :]
            os.fsync(self._file)
        except OSError as error:
            os.ftruncate(self._file, size)
            raise LabelError(f"{self._path} can't be written: {error.strerror}; nothing was added") from error

    def close(self) -> None:
        """Close the file, which ends the lock."""
        os.close(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _mend(self) -> None:
        """End the last line: add its line break if it is whole JSON, else remove it."""
        content = self._path.read_bytes()
        whole = content.rfind(b"\n") + 1
        if whole == len(content):
            return
        try:
            _json_of(content[whole:])
            os.write(self._file, b"\n")
        except ValueError:
            os.ftruncate(self._file, whole)


def _lock(file: int) -> None:
    """Take the file's lock, which ends with the process. Raises OSError if another process holds it."""
    try:
        import fcntl
    except ImportError:  # Windows has no such locks
        return
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
