"""The lines of a source, each the JSON of one row or event, read one by one so that memory stays flat."""

import gzip
import io
import json
import sys
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

STDIN = "-"
MAX_LINE_BYTES = 64 * 1024 * 1024
"""The longest line that is read: ten times the largest event that Lambda takes."""
_GZIP = b"\x1f\x8b"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class DataError(Exception):
    """The source can't be read. The message says why and what to do."""


class Line(NamedTuple):
    """One line of a source. ``number`` counts from 1; rows of an event or a table count as lines."""

    number: int
    content: bytes


def lines_of(source: str) -> Iterator[Line]:
    """The lines of a file, a folder or standard input, blank ones left out.

    ``source`` is the path of a JSON event, of JSON Lines (plain or gzipped), of a Parquet or Arrow file, of a
    folder that holds such files, or "-". Raises DataError.
    """
    if source == STDIN:
        yield from _text_lines(sys.stdin.buffer, "standard input")
        return
    path = Path(source)
    if path.is_dir() or path.suffix in (".parquet", ".arrow"):
        from rewardctl.data.tables import table_lines

        yield from table_lines(path)
        return
    with _opened(path) as stream:
        yield from _text_lines(stream, source)


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
    """JSON Lines, or one JSON document over several lines."""
    first = stream.readline(MAX_LINE_BYTES).removeprefix(_BYTE_ORDER_MARK)
    while first and not first.strip():
        first = stream.readline(MAX_LINE_BYTES)
    if first.startswith(_UTF_16):
        raise DataError(f"{name} is in UTF-16; write it as UTF-8")
    if not first:
        raise DataError(f"{name} is empty; it must hold rollouts, as JSON Lines or as an event")
    if first.lstrip()[:1] not in (b"{", b"[", b'"'):
        raise DataError(f"{name} is not JSON: it begins with {_shown(first)}; send JSON Lines or an event")
    second = stream.readline(MAX_LINE_BYTES)
    if _is_document(first, more=bool(second.strip())):
        yield from _document_lines(first + second + stream.read(), name)
        return
    for number, line in enumerate(_whole_lines(first, second, stream), 1):
        if line.strip():
            yield Line(number, line)


def _whole_lines(first: bytes, second: bytes, stream: IO[bytes]) -> Iterator[bytes]:
    yield first
    line = second
    while line:
        yield line
        line = stream.readline(MAX_LINE_BYTES)


def _is_document(first: bytes, *, more: bool) -> bool:
    """Whether a first line is a list without ``more`` lines, or only the beginning of a JSON value."""
    try:
        value = json.loads(first)
    except (ValueError, RecursionError):
        text = first.strip()
        return text.endswith((b"{", b"[", b",")) or text in (b"{", b"[")
    return isinstance(value, list) and not more


def _document_lines(text: bytes, name: str) -> Iterator[Line]:
    """The rows of a JSON list, each a line; any other document is one line."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{name} is not JSON: {error}; send JSON Lines or an event") from error
    rows: Iterable[object] = value if isinstance(value, list) else [value]
    for number, row in enumerate(rows, 1):
        yield Line(number, json.dumps(row).encode("ascii"))


def _shown(line: bytes) -> str:
    return repr(io.BytesIO(line).read(20).decode("utf-8", "replace"))
