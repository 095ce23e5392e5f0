"""Rows of Parquet files and of folders that Hugging Face's datasets saved, if pyarrow is installed."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rewardctl.data.lines import DataError, Line

ROWS_AT_ONCE = 512


def table_lines(path: Path) -> Iterator[Line]:
    """Each row of a file, or of all files of a folder in the order of their names, as a line of JSON.

    Raises DataError.
    """
    number = 0
    for file in _files(path):
        for rows in _batches(file):
            for row in rows:
                number += 1
                yield Line(number, json.dumps(row, default=_plain).encode("ascii"))
    if not number:
        raise DataError(f"{path} holds no rows")


def _files(path: Path) -> Sequence[Path]:
    """The Parquet files of a folder, else its Arrow files; ``path`` itself for a file."""
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise DataError(f"{path} does not exist; name a file or a folder of rollouts")
    for pattern in ("*.parquet", "*.arrow"):
        if files := sorted(path.rglob(pattern)):
            return files
    raise DataError(f"the folder {path} holds no .parquet and no .arrow file; name a file of rollouts")


def _batches(file: Path) -> Iterator[list[dict[str, Any]]]:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise DataError(f"{file} needs pyarrow: run `make analysis`, or convert it to JSON Lines") from error
    try:
        if file.suffix == ".parquet":
            with pq.ParquetFile(file) as table:
                yield from (batch.to_pylist() for batch in table.iter_batches(ROWS_AT_ONCE))
            return
        with pa.memory_map(str(file)) as mapped, _reader(pa, mapped) as reader:
            yield from (batch.to_pylist() for batch in reader)
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{file} can't be read: {str(error).splitlines()[0]}") from error


def _reader(pa: Any, mapped: Any) -> Any:
    """A reader of the stream that datasets saves."""
    return pa.ipc.open_stream(mapped)


def _plain(value: Any) -> Any:
    """A value that JSON lacks: bytes as text, dates and decimals in words."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
