"""Records of scored rollouts, of a local run or of the function's traces, read one by one."""

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

Record = dict[str, Any]
"""One scored rollout in the form of ``docs/traces.md``; a local run adds ``line``, its line in the source."""

FORMAT = 1
"""The newest format that this module can read."""

RESULTS = "results.jsonl"
_GZIP = b"\x1f\x8b"


class RecordsError(ValueError):
    """Not records, or damaged. The message names the place and the remedy."""


class RecordLine(NamedTuple):
    """One line of a file, not yet parsed. ``number`` counts from 1."""

    file: str
    number: int
    content: bytes

    def record(self) -> Record:
        """The record of the line. Raises RecordsError."""
        return _record(self.content, f"{self.file}, line {self.number}")


def read_records(path: str | Path) -> Iterator[Record]:
    """All records of a run folder, of a file of JSON Lines, gzipped or not, or of a folder of such files.

    Files of a folder are read in the order of their paths. Raises RecordsError that names file and line.
    """
    return (line.record() for line in record_lines(path))


def record_lines(path: str | Path) -> Iterator[RecordLine]:
    """The lines that :func:`read_records` parses, for readers that need few of them. Raises RecordsError."""
    for file in record_files(Path(path)):
        try:
            with file.open("rb") as raw:
                yield from (line for line in _lines(raw, str(file)) if not _is_half(line, file))
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise RecordsError(f"{file} is damaged: {error}; fetch it again") from error
        except OSError as error:
            raise RecordsError(f"{file} can't be read: {error.strerror}") from error


def record_files(path: Path) -> list[Path]:
    """The files with records: the results of a run folder, all traces of another folder, or the file itself.

    Raises RecordsError.
    """
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise RecordsError(f"{path} does not exist; name a run folder, or a file or folder of traces")
    if (path / RESULTS).is_file():
        return [path / RESULTS]
    files = sorted([*path.rglob("*.jsonl"), *path.rglob("*.jsonl.gz")])
    if not files:
        raise RecordsError(f"the folder {path} holds no {RESULTS} and no traces (*.jsonl.gz)")
    return files


def read_traces(content: bytes) -> list[Record]:
    """The records of one object in S3, gzipped or not, in the order of the batch. Raises RecordsError."""
    import io

    try:
        return [line.record() for line in _lines(io.BufferedReader(io.BytesIO(content)), "the object")]
    except (OSError, EOFError, zlib.error) as error:
        raise RecordsError(f"not gzip, or truncated: {error}") from error


def _is_half(line: RecordLine, file: Path) -> bool:
    """Whether a line is the end of results whose program was killed while it wrote."""
    if file.name != RESULTS or line.content.endswith(b"\n"):
        return False
    try:
        json.loads(line.content)
    except (ValueError, RecursionError):
        return True
    return False


def newest_run(runs: Path) -> Path:
    """The run folder below ``runs`` whose results were written last. Raises RecordsError if there is none."""
    results = [path for path in runs.glob(f"*/{RESULTS}") if path.is_file()]
    if not results:
        raise RecordsError(f"there is no run in the folder {runs}; score a data set, or name a run")
    return max(results, key=lambda path: path.stat().st_mtime).parent


def _lines(raw: IO[bytes], name: str) -> Iterator[RecordLine]:
    packed = raw.peek(2)[:2] == _GZIP  # type: ignore[attr-defined]
    with gzip.open(raw) if packed else raw as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield RecordLine(name, number, line)


def _record(line: bytes, place: str) -> Record:
    try:
        record: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise RecordsError(f"{place} is not JSON: {error}") from error
    version = record.get("trace") if isinstance(record, dict) else None
    if not isinstance(version, int) or isinstance(version, bool):
        raise RecordsError(f'{place} is not a trace: it has no format number under "trace"')
    if version > FORMAT:
        raise RecordsError(f"{place} has the format {version}, newer than {FORMAT}; update this program")
    return dict(record)
