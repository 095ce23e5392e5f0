"""Queries on small SQLite databases, read-only and within bounds: the SQL is hostile text.

A database is opened as an immutable file in read-only mode. An authorizer allows a statement to select, read
columns and call functions only: no PRAGMA, no ATTACH, no writing, no extension. SQLite's own limits bound
lengths and depths. A limit on its virtual machine's steps bounds the work, so that a query has the same
result on a slow machine; a limit on processor time covers single steps that take long.
"""

import sqlite3
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

MAX_SQL_CHARS = 20_000
MAX_ROWS = 10_000
MAX_RESULT_CHARS = 2_000_000
MAX_STEPS = 2_000_000
"""Steps of the virtual machine, about 0.05 s: all pairs of two tables of 500 rows."""
STEPS_PER_CALL = 10_000
TIME_LIMIT_S = 0.25
"""Processor time of one query."""
HEAP_BYTES = 64_000_000
"""Memory of SQLite in this process; a query that sorts or concatenates more fails."""

LIMITS: Mapping[int, int] = {
    sqlite3.SQLITE_LIMIT_LENGTH: 100_000,  # bytes of one value or row: no zeroblob(10^9)
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 4 * MAX_SQL_CHARS,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 200,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 50,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 200,  # a longer pattern costs quadratic time
    sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER: 0,
}
_ALLOWED = frozenset(
    {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
)
_NO_FUNCTIONS = frozenset({"load_extension", "fts3_tokenizer"})

Rows = tuple[tuple[Any, ...], ...]
"""The rows of a result, in order; floats are rounded to 12 digits."""


class QueryError(Exception):
    """A query without a result. ``kind`` quotes nothing of it; the message adds SQLite's own words."""

    def __init__(self, kind: str, words: str = "") -> None:
        self.kind = kind
        super().__init__(f"{kind}: {words}" if words else kind)


def query(path: Path, sql: str) -> Rows:
    """The rows of one statement on the database at ``path``.

    Raises QueryError if it fails, is refused or exceeds a bound.
    """
    if not sql or len(sql) > MAX_SQL_CHARS:
        raise QueryError(f"is longer than {MAX_SQL_CHARS} characters" if sql else "is empty")
    limiter = _StepLimiter()
    try:
        with closing(_open(path)) as connection:
            connection.set_progress_handler(limiter.check, STEPS_PER_CALL)
            cursor = connection.execute(sql)
            if cursor.description is None:
                raise QueryError("is not a query")
            return _read(cursor)
    except (sqlite3.Error, sqlite3.Warning, MemoryError, ValueError, OverflowError) as error:
        kind = "takes too long" if limiter.stopped else f"fails ({type(error).__name__})"
        raise QueryError(kind, str(error)) from error


class _StepLimiter:
    """Stops a statement after too many steps or too much time."""

    def __init__(self) -> None:
        self.stopped = False
        self._calls = 0
        self._end_s = time.thread_time() + TIME_LIMIT_S

    def check(self) -> bool:
        """Called by SQLite every ``STEPS_PER_CALL`` steps; True ends the statement."""
        self._calls += 1
        self.stopped = self._calls * STEPS_PER_CALL >= MAX_STEPS or time.thread_time() > self._end_s
        return self.stopped


def _read(cursor: sqlite3.Cursor) -> Rows:
    rows: list[tuple[Any, ...]] = []
    size = 0
    for row in cursor:
        size += sum(len(value) if isinstance(value, str | bytes) else 8 for value in row)
        if len(rows) >= MAX_ROWS or size > MAX_RESULT_CHARS:
            raise QueryError(f"gives more than {MAX_ROWS} rows or {MAX_RESULT_CHARS} characters")
        rows.append(tuple(float(f"{value:.12g}") if isinstance(value, float) else value for value in row))
    return tuple(rows)


def make_database(path: Path, *scripts: str) -> None:
    """Write a database at ``path`` by running trusted SQL. Raises QueryError if that fails."""
    with closing(sqlite3.connect(path)) as connection:
        try:
            for script in scripts:
                connection.executescript(script)
            connection.commit()
        except (sqlite3.Error, sqlite3.Warning, ValueError) as error:
            raise QueryError("fails", str(error)) from error


def _open(path: Path) -> sqlite3.Connection:
    """A read-only connection to the database at ``path``; opening takes about 0.1 ms."""
    uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None)
    connection.execute(f"PRAGMA hard_heap_limit = {HEAP_BYTES}")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("PRAGMA trusted_schema = OFF")
    for limit, value in LIMITS.items():
        connection.setlimit(limit, value)
    connection.set_authorizer(_authorize)
    return connection


def _authorize(action: int, _: str | None, function: str | None, *__: str | None) -> int:
    """Allow the steps that a query needs, deny all others."""
    is_allowed = action in _ALLOWED and (action != sqlite3.SQLITE_FUNCTION or function not in _NO_FUNCTIONS)
    return sqlite3.SQLITE_OK if is_allowed else sqlite3.SQLITE_DENY
