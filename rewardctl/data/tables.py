"""Rows of Parquet files and of folders that Hugging Face's datasets saved, if pyarrow is installed."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rewardctl.data.lines import DataError, Line

ROWS_AT_ONCE = 512
SPLITS = "dataset_dict.json"
"""In a folder that ``DatasetDict.save_to_disk`` wrote: each split is a folder below it."""
STATE = "state.json"
"""In a folder that ``Dataset.save_to_disk`` wrote: it names the Arrow files; others there are caches."""


def table_lines(path: Path) -> Iterator[Line]:
    """Each row of a file, or of all files of a folder in the order of their names, as a line of JSON.

    Raises DataError.
    """
    number = 0
    for file in _files(path):
        for rows in _batches(file):
            for row in rows:
                number += 1
                yield Line(number, _as_json(row))
    if not number:
        raise DataError(f"{path} holds no rows")


def _files(path: Path) -> Sequence[Path]:
    """The files that a split's state names, else the Parquet files of a folder, else its Arrow files."""
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise DataError(f"{path} does not exist; name a file or a folder of rollouts")
    if (path / SPLITS).is_file():
        splits = sorted(each.name for each in path.iterdir() if each.is_dir())
        example = path / (splits[0] if splits else "train")
        raise DataError(f"{path} holds the splits {', '.join(splits)}; name one of them, as {example}")
    if files := _named_files(path / STATE):
        return files
    for pattern in ("*.parquet", "*.arrow"):
        if files := sorted(path.rglob(pattern)):
            return files
    raise DataError(f"the folder {path} holds no .parquet and no .arrow file; name a file of rollouts")


def _named_files(state: Path) -> list[Path]:
    """The Arrow files that a split's state names, in order; [] without a state that can be read."""
    try:
        named = json.loads(state.read_bytes())["_data_files"]
        files = [state.parent / Path(entry["filename"]).name for entry in named]
    except (OSError, ValueError, LookupError, TypeError):
        return []
    if missing := [file.name for file in files if not file.is_file()]:
        raise DataError(f"{state.parent} lacks {missing[0]}, which its {STATE} names; copy the folder again")
    return files


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
        with pa.memory_map(str(file)) as mapped, _reader(pa, mapped) as batches:
            for batch in batches:
                for start in range(0, batch.num_rows, ROWS_AT_ONCE):
                    yield batch.slice(start, ROWS_AT_ONCE).to_pylist()
    except (pa.ArrowException, OSError) as error:
        reason = (str(error).splitlines() or ["not a table"])[0]
        raise DataError(f"{file} can't be read: {reason}; save it again") from error


@contextmanager
def _reader(pa: Any, mapped: Any) -> Iterator[Iterator[Any]]:
    """The record batches of a stream, which datasets saves, or of Arrow's file format (Feather)."""
    try:
        with pa.ipc.open_file(mapped) as table:
            yield (table.get_batch(number) for number in range(table.num_record_batches))
        return
    except pa.ArrowInvalid:
        mapped.seek(0)
    with pa.ipc.open_stream(mapped) as stream:
        yield stream


def _as_json(row: Mapping[str, Any]) -> bytes:
    """A row without the columns that are null in it: a table can't leave a field out."""
    fields = {name: _turns(value) for name, value in row.items() if value is not None}
    return json.dumps(fields, default=_plain).encode("ascii")


def _turns(value: Any) -> Any:
    """A list of turns for the columns of turns that ``Sequence({"role": …, "content": …})`` is stored as."""
    if not isinstance(value, dict) or not isinstance(value.get("role"), list):
        return value
    columns = list(value.values())
    if not all(isinstance(column, list) and len(column) == len(value["role"]) for column in columns):
        return value
    return [dict(zip(value, turn, strict=True)) for turn in zip(*columns, strict=True)]


def _plain(value: Any) -> Any:
    """A value that JSON lacks: bytes as text, dates and decimals in words."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
