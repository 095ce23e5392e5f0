"""The verdicts of a run in SQLite: written as each is paid for, so that no crash makes anybody pay twice.

It stands behind the verdict cache's seam and uses its keys. Unlike the caches of the deployed function it
keeps the evidence, since a run folder holds the texts anyway. It also counts the calls and their price.
"""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple, Self

from reward_fn.judge.base import Reply
from reward_fn.judge.models.prices import price_of
from rewardctl.runs.batch_verdicts import BatchOfRun

_TABLES = """
CREATE TABLE IF NOT EXISTS verdicts (key TEXT PRIMARY KEY, answers TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS calls (
    model TEXT PRIMARY KEY, calls INTEGER NOT NULL, failed INTEGER NOT NULL, input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL, cached_tokens INTEGER NOT NULL, usd REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS replies (key TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ids (hash INTEGER PRIMARY KEY, line INTEGER NOT NULL);
"""
_COUNT = """
INSERT INTO calls VALUES (?, 1, ?, ?, ?, ?, ?) ON CONFLICT (model) DO UPDATE SET
    calls = calls + 1, failed = failed + excluded.failed,
    input_tokens = input_tokens + excluded.input_tokens,
    output_tokens = output_tokens + excluded.output_tokens,
    cached_tokens = cached_tokens + excluded.cached_tokens, usd = usd + excluded.usd
"""


BUSY_S = 30.0
"""How long a write waits for those of the run's other processes."""


class Spent(NamedTuple):
    """What a run has spent so far: attempts, those that failed, tokens in both directions, US dollars."""

    calls: int = 0
    failed: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    usd: float = 0.0


class RunVerdicts:
    """The verdicts and calls in one SQLite file, shared by the threads and processes of a run.

    ``failure`` is the reason why a verdict or a call could not be written, as on a full disk, else "".
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        """Raises sqlite3.Error if the file can't be opened, or is not SQLite."""
        self._lock = threading.Lock()
        self._read_only = read_only
        self.failure = ""
        place = path.absolute().as_uri()  # with ? and # of a path escaped
        self._database = sqlite3.connect(
            f"{place}?mode=ro" if read_only else place,
            uri=True,
            check_same_thread=False,
            isolation_level=None,
            timeout=BUSY_S,
        )
        try:
            self._prepare()
        except sqlite3.Error:
            self._database.close()
            raise

    def _prepare(self) -> None:
        if self._read_only:
            self._database.execute("SELECT 1 FROM verdicts LIMIT 1")  # raises if the file is not a run's
            return
        self._database.execute("PRAGMA journal_mode = WAL")
        # A crash of this program loses nothing; after a power failure the last verdicts may be missing.
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.executescript(_TABLES)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._database.close()

    def of_batch(self) -> BatchOfRun:
        """A view for one batch."""
        return BatchOfRun(self)

    def get(self, key: str) -> str | None:
        """The answers kept under a key, as JSON."""
        with self._lock, closing(self._database.cursor()) as cursor:
            row = cursor.execute("SELECT answers FROM verdicts WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def is_empty(self) -> bool:
        """Whether no verdict is kept."""
        with self._lock, closing(self._database.cursor()) as cursor:
            return cursor.execute("SELECT 1 FROM verdicts LIMIT 1").fetchone() is None

    def put(self, key: str, answers: str) -> None:
        """Keep the answers under a key. Raises sqlite3.Error, and sets ``failure``."""
        self._write("INSERT OR REPLACE INTO verdicts VALUES (?, ?)", (key, answers))

    def count(self, model: str, *, failed: int = 0, reply: Reply | None = None, share: float = 1.0) -> None:
        """Count an attempt at a model, with the tokens and a ``share`` of the price of its reply.

        Raises sqlite3.Error, and sets ``failure``.
        """
        r = reply or Reply(None)
        cached = r.cache_read_tokens, r.cache_write_tokens
        usd = share * price_of(model).of(r.input_tokens, r.output_tokens, *cached)
        self._write(_COUNT, (model, failed, r.input_tokens, r.output_tokens, sum(cached), usd))

    def keep_replies(self, replies: Sequence[tuple[str, bytes]]) -> None:
        """Keep replies whose questions come later, by key. Raises sqlite3.Error."""
        with self._transaction() as cursor:
            cursor.executemany("INSERT OR REPLACE INTO replies VALUES (?, ?)", replies)

    def take_reply(self, key: str) -> bytes | None:
        """The reply kept under a key, which is dropped."""
        with self._lock, closing(self._database.cursor()) as cursor:
            row = cursor.execute("DELETE FROM replies WHERE key = ? RETURNING body", (key,)).fetchone()
        return None if row is None else bytes(row[0])

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Cursor]:
        """All or nothing of what the block writes."""
        with self._lock, closing(self._database.cursor()) as cursor:
            cursor.execute("BEGIN")
            try:
                yield cursor
                cursor.execute("COMMIT")
            except BaseException:
                self._database.rollback()
                raise

    def _write(self, statement: str, values: Sequence[object]) -> None:
        if self._read_only:
            return
        try:
            with self._lock:
                self._database.execute(statement, values)
        except sqlite3.Error as error:
            self.failure = str(error)
            raise

    def forget_ids(self) -> None:
        """Forget the ids of all lines: a run begins. Raises sqlite3.Error."""
        with self._lock:
            self._database.execute("DELETE FROM ids")

    def repeated(self, ids: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
        """Pairs of a line whose id stands in an earlier line too, and that line. All ids are remembered.

        ``ids`` are lines with a hash of their id. Raises sqlite3.Error.
        """
        with self._transaction() as cursor:
            before = self._database.total_changes
            cursor.executemany("INSERT OR IGNORE INTO ids (line, hash) VALUES (?, ?)", ids)
            new = self._database.total_changes - before
        if new == len(ids):
            return ()
        query = "SELECT line FROM ids WHERE hash = ?"
        with self._lock, closing(self._database.cursor()) as cursor:
            earlier = [(line, int(cursor.execute(query, (each,)).fetchone()[0])) for line, each in ids]
        return tuple((line, first) for line, first in earlier if line != first)

    def spent(self) -> Spent:
        """All calls since the run began, interrupted parts included."""
        with self._lock, closing(self._database.cursor()) as cursor:
            row = cursor.execute(
                "SELECT COALESCE(SUM(calls), 0), COALESCE(SUM(failed), 0), "
                "COALESCE(SUM(input_tokens + cached_tokens), 0), COALESCE(SUM(output_tokens), 0), "
                "COALESCE(SUM(usd), 0.0) FROM calls"
            ).fetchone()
        return Spent(*row)
