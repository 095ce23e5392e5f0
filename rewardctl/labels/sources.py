"""Rows and records, read for labelling."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rewardctl.labels.label import LabelError


def read_rows(source: str) -> list[Any]:
    """The rows of a JSON event or of a JSON Lines file.

    Raises LabelError, with the line, if the file can't be read.
    """
    path = Path(source)
    text = _text(path)
    if text.lstrip().startswith("["):
        try:
            return list(json.loads(text))
        except ValueError as error:
            raise LabelError(f"{path} is not JSON: {error}") from error
    return list(_lines(path, text))


def read_records(source: str) -> list[dict[str, Any]]:
    """The records of a run's folder, or of a JSON Lines file of records."""
    path = Path(source)
    file = path / "results.jsonl" if path.is_dir() else path
    return list(_lines(file, _text(file)))


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
        return (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8-sig")
    except (OSError, ValueError) as error:
        raise LabelError(f"{path} can't be read: {error}") from error


def _lines(path: Path, text: str) -> Iterator[Any]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                yield json.loads(line)
            except (ValueError, RecursionError) as error:
                raise LabelError(f"{path}, line {number}: not JSON; put one object a line") from error
