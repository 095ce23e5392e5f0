"""The lines of a source, each the JSON of one row or event, read one by one so that memory stays flat."""

import gzip
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import IO, NamedTuple

from rewardctl.data.documents import document_rows, is_document
from rewardctl.runs.records import RESULTS, RecordsError, read_records, record_lines

STDIN = "-"
MAX_LINE_BYTES = 64 * 1024 * 1024
"""The longest line that is read: ten times the largest event that Lambda takes."""
_GZIP = b"\x1f\x8b"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_SHOWN_BYTES = 20


class DataError(Exception):
    """The source can't be read. The message says why and what to do."""


class Line(NamedTuple):
    """One line of a source. ``number`` counts from 1; rows of an event or a table count as lines.

    ``is_row`` says that the content is a row of an event, so that no further event is looked for in it.
    """

    number: int
    content: bytes
    is_row: bool = False


def lines_of(source: str) -> Iterator[Line]:
    """The lines of a file, a folder or standard input, blank ones left out.

    ``source`` is the path of a JSON event, of JSON Lines (plain or gzipped), of a Parquet or Arrow file, of a
    folder that holds such files, or "-". A run folder and a folder of traces give their records, numbered
    through. Raises DataError and RecordsError.
    """
    if source == STDIN:
        yield from _text_lines(sys.stdin.buffer, "standard input")
        return
    path = Path(source)
    if holds_records(path):
        yield from (Line(number, line.content) for number, line in enumerate(record_lines(path), 1))
        return
    if path.is_dir() or path.suffix in (".parquet", ".arrow"):
        from rewardctl.data.tables import table_lines

        yield from table_lines(path)
        return
    with _opened(path) as stream:
        yield from _text_lines(stream, source)


def holds_records(path: Path) -> bool:
    """Whether a path is a run folder, or a folder of traces and of nothing else.

    A folder of traces holds no run folder, and the first of its files begins with a record.
    """
    if not path.is_dir():
        return False
    if (path / RESULTS).is_file():
        return True
    if any(path.rglob(RESULTS)):
        return False
    try:
        return next(read_records(path), None) is not None
    except RecordsError:
        return False


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    """A file, unpacked if it is gzipped."""
    try:
        with path.open("rb") as raw:
            packed = raw.peek(2)[:2] == _GZIP
            with gzip.open(raw) if packed else raw as stream:
                yield stream  # type: ignore[misc]  # GzipFile reads bytes too
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{path} is a damaged gzip file: {error}; make it again") from error
    except OSError as error:
        raise DataError(f"{path} can't be read: {error.strerror}; name a file of rollouts") from error


def _text_lines(stream: IO[bytes], name: str) -> Iterator[Line]:
    """JSON Lines, or one JSON document over one or more lines."""
    lines = _filled_lines(stream)
    first = next(lines, None)
    if first is None:
        raise DataError(f"{name} is empty; it must hold rollouts, as JSON Lines or as an event")
    _require_json(first.content, name)
    second = next(lines, None)
    if is_document(first.content, None if second is None else second.content):
        following = chain([] if second is None else [second], lines)
        yield from _rows(b"".join([first.content, *(line.content for line in following)]), name)
        return
    yield first
    if second is not None:
        yield second
    yield from lines


def _rows(text: bytes, name: str) -> Iterator[Line]:
    """The rows of a document, numbered from 1."""
    try:
        rows = document_rows(text)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{name} is not JSON: {error}; send JSON Lines or an event") from error
    if rows is None:
        yield Line(1, text)
        return
    if not rows:
        raise DataError(f"{name} is an event without rows; it must hold rollouts")
    yield from (Line(number, row, is_row=True) for number, row in enumerate(rows, 1))


def _filled_lines(stream: IO[bytes]) -> Iterator[Line]:
    """The lines that are not blank, without a byte order mark; a line is cut at MAX_LINE_BYTES."""
    number = 0
    while content := stream.readline(MAX_LINE_BYTES):
        number += 1
        if number == 1:
            content = content.removeprefix(_BYTE_ORDER_MARK)
        rest = content
        while len(rest) == MAX_LINE_BYTES and not rest.endswith(b"\n"):
            rest = stream.readline(MAX_LINE_BYTES)
        if content.strip():
            yield Line(number, content)


def _require_json(first: bytes, name: str) -> None:
    """Raise DataError if a text can't be JSON by its first line."""
    if first.startswith(_UTF_16) or b"\0" in first[:4]:
        raise DataError(f"{name} is in UTF-16 or UTF-32; write it as UTF-8")
    if first.lstrip()[:1] not in (b"{", b"[", b'"'):
        shown = first[:_SHOWN_BYTES].decode("utf-8", "replace")
        raise DataError(f"{name} is not JSON: it begins with {shown!r}; send JSON Lines or an event")
