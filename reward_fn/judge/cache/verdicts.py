"""The verdict cache: in the memory of an environment, and in a table shared by environments if there is one.

An entry of the table counts only if it is exactly what this package writes under its key. Failures are never
kept.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from reward_fn.deadline import Clock
from reward_fn.judge.base import Model, Question
from reward_fn.judge.cache.entry import MAX_TEXT_CHARS, Entry, decode, encode, key_of
from reward_fn.types.usage import Recalled
from reward_fn.types.verdict import Leaf, Verdict, Verdicts


class Table(Protocol):
    """Where environments share verdicts. No method raises, and only :meth:`read` waits."""

    def read(self, keys: Sequence[str], within_s: float) -> Mapping[str, Entry]:
        """The entries under ``keys`` that exist and arrived in time. Keys are distinct."""
        ...

    def write(self, entries: Sequence[Entry]) -> None:
        """Write entries with distinct keys after the answer."""
        ...

    def take_errors(self) -> int:
        """The number of failed reads and writes since the last call of this method."""
        ...


class VerdictCache:
    """What an environment keeps for the definition of that ``version``, for ``ttl_s`` seconds.

    Memory holds at most ``max_verdicts`` verdicts, each the answer to one criterion; with 0, none is kept for
    longer than a batch. ``clock`` returns seconds since the epoch.
    """

    def __init__(
        self,
        version: str,
        *,
        max_verdicts: int,
        ttl_s: float,
        table: Table | None = None,
        clock: Clock = time.time,
    ) -> None:
        self.version = version
        self.ttl_s = ttl_s
        self.table = table
        self.clock = clock
        self.memory = _Memory(max_verdicts)

    def of_batch(self) -> "BatchCache":
        """A view for one invocation."""
        return BatchCache(self)


class BatchCache:
    """The view of one invocation, used from many threads; it counts hits and misses."""

    def __init__(self, cache: VerdictCache) -> None:
        self._cache = cache
        self._lock = threading.Lock()
        self._read: dict[str, tuple[Verdict, ...]] = {}
        self._new: dict[str, Entry] = {}
        self._hits = self._misses = 0

    def key(self, question: Question, model: Model, vote: int) -> str:
        """The key of a question to a model; ``vote`` tells several votes of one model apart."""
        return key_of(self._cache.version, question, model, vote)

    def look_up(self, questions: Iterable[tuple[Question, Model, int]], within_s: float) -> None:
        """Read the verdicts that memory lacks from the table, in one request; no-op without a table."""
        if self._cache.table is None:
            return
        now_s = self._cache.clock()
        missing: dict[str, Sequence[Leaf]] = {}
        for question, model, vote in questions:
            key = self.key(question, model, vote)
            if self._cache.memory.get(key, now_s) is None:
                missing[key] = question.leaves
        if not missing:
            return
        for key, entry in self._cache.table.read(list(missing), within_s).items():
            verdicts = decode(entry, key, missing[key], now_s) if key in missing else None
            if verdicts is not None:
                self._read[key] = verdicts
                self._cache.memory.put(key, verdicts, entry.expires_s)

    def find(self, key: str, leaves: Sequence[Leaf]) -> Verdicts | None:
        """The verdicts kept under ``key``, for ``leaves``; None if the judge must be asked."""
        kept = self._read.get(key) or self._cache.memory.get(key, self._cache.clock())
        with self._lock:
            self._hits += kept is not None
            self._misses += kept is None
        return None if kept is None else dict(zip(leaves, kept, strict=True))

    def keep(self, key: str, leaves: Sequence[Leaf], verdicts: Verdicts) -> None:
        """Keep the verdicts of a model, which hold all ``leaves``."""
        kept = tuple(verdicts[leaf] for leaf in leaves)
        expires_s = int(self._cache.clock() + self._cache.ttl_s)
        self._cache.memory.put(key, kept, expires_s)
        if self._cache.table is not None:
            entry = encode(key, kept, expires_s)
            with self._lock:
                self._new[key] = entry

    def end(self) -> Recalled:
        """Write the new verdicts to the table. Verdicts that arrive later are not written."""
        with self._lock:
            new, self._new = self._new, {}
            hits, misses = self._hits, self._misses
        table = self._cache.table
        if table is None:
            return Recalled(hits, misses)
        if entries := [entry for entry in new.values() if len(entry.text) <= MAX_TEXT_CHARS]:
            table.write(entries)
        return Recalled(hits, misses, table.take_errors())


class _Memory:
    """Bounded by its number of verdicts; the least recently used entries go first."""

    def __init__(self, max_verdicts: int) -> None:
        self._max_verdicts = max_verdicts
        self._kept: OrderedDict[str, tuple[float, tuple[Verdict, ...]]] = OrderedDict()
        self._verdicts = 0
        self._lock = threading.Lock()

    def get(self, key: str, now_s: float) -> tuple[Verdict, ...] | None:
        with self._lock:
            if (entry := self._kept.get(key)) is None:
                return None
            if entry[0] <= now_s:
                self._drop(key)
                return None
            self._kept.move_to_end(key)
            return entry[1]

    def put(self, key: str, verdicts: tuple[Verdict, ...], expires_s: float) -> None:
        with self._lock:
            if key in self._kept:
                self._drop(key)
            self._kept[key] = (expires_s, verdicts)
            self._verdicts += len(verdicts)
            while self._verdicts > self._max_verdicts:
                self._drop(next(iter(self._kept)))

    def _drop(self, key: str) -> None:
        self._verdicts -= len(self._kept.pop(key)[1])
