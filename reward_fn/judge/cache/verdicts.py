"""Verdicts that were paid for once: kept by an environment, and in a table where there is one.

An entry of the table that is not exactly what this package writes under its key is a miss. Failures are never
kept.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from reward_fn.judge.base import Question
from reward_fn.judge.cache.entry import MAX_TEXT_CHARS, Entry, decode, encode, key_of
from reward_fn.judge.models.catalogue import ModelProfile
from reward_fn.types.usage import Recalled
from reward_fn.types.verdict import Leaf, Verdict, Verdicts


class Table(Protocol):
    """Where environments share verdicts. Nothing here raises, and nothing waits but :meth:`read`."""

    def read(self, keys: Sequence[str], within_s: float) -> Mapping[str, Entry]:
        """The entries of those keys that are there and came in time; keys are distinct."""
        ...

    def write(self, entries: Sequence[Entry]) -> None:
        """Write entries with distinct keys after the answer."""
        ...

    def take_errors(self) -> int:
        """How many reads and writes failed since this was last asked."""
        ...


class VerdictCache:
    """What an environment remembers of the definition of that ``version``, for ``ttl_s`` seconds.

    In memory so many verdicts at most (one is the answer to one criterion); 0 keeps none there for longer
    than a batch. ``clock`` gives seconds of the epoch.
    """

    def __init__(
        self,
        version: str,
        *,
        max_verdicts: int,
        ttl_s: float,
        table: Table | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.version = version
        self.ttl_s = ttl_s
        self.table = table
        self.clock = clock
        self.memory = _Memory(max_verdicts)

    def of_batch(self) -> "BatchCache":
        """What one invocation asks and counts with."""
        return BatchCache(self)


class BatchCache:
    """One invocation's view, used from many threads: what it found, and what it adds."""

    def __init__(self, cache: VerdictCache) -> None:
        self._cache = cache
        self._lock = threading.Lock()
        self._read: dict[str, tuple[Verdict, ...]] = {}
        self._new: dict[str, Entry] = {}
        self._hits = self._misses = 0

    def key(self, question: Question, model: ModelProfile, vote: int) -> str:
        """The key of one question to one model by one vote."""
        return key_of(self._cache.version, question, model, vote)

    def look_up(self, asked: Iterable[tuple[Question, ModelProfile, int]], within_s: float) -> None:
        """Read from the table, all at once, what memory does not hold; nothing without a table."""
        if self._cache.table is None:
            return
        now_s = self._cache.clock()
        wanted: dict[str, Sequence[Leaf]] = {}
        for question, model, vote in asked:
            key = self.key(question, model, vote)
            if self._cache.memory.get(key, now_s) is None:
                wanted[key] = question.leaves
        if not wanted:
            return
        for key, entry in self._cache.table.read(list(wanted), within_s).items():
            verdicts = decode(entry, key, wanted[key], now_s) if key in wanted else None
            if verdicts is not None:
                self._read[key] = verdicts
                self._cache.memory.put(key, verdicts, entry.expires_s)

    def find(self, key: str, leaves: Sequence[Leaf]) -> Verdicts | None:
        """The verdicts kept under that key, on these leaves; None where they must be asked for."""
        kept = self._read.get(key) or self._cache.memory.get(key, self._cache.clock())
        with self._lock:
            self._hits += kept is not None
            self._misses += kept is None
        return None if kept is None else dict(zip(leaves, kept, strict=True))

    def keep(self, key: str, leaves: Sequence[Leaf], verdicts: Verdicts) -> None:
        """Remember what a model answered."""
        kept = tuple(verdicts[leaf] for leaf in leaves)
        expires_s = int(self._cache.clock() + self._cache.ttl_s)
        self._cache.memory.put(key, kept, expires_s)
        if self._cache.table is not None:
            entry = encode(key, kept, expires_s)
            with self._lock:
                self._new[key] = entry

    def end(self) -> Recalled:
        """Hand what is new to the table; what comes later is not written."""
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
    """Bounded by verdicts; what was not asked for longest goes first."""

    def __init__(self, max_verdicts: int) -> None:
        self._max_verdicts = max_verdicts
        self._kept: OrderedDict[str, tuple[float, tuple[Verdict, ...]]] = OrderedDict()
        self._verdicts = 0
        self._lock = threading.Lock()

    def get(self, key: str, now_s: float) -> tuple[Verdict, ...] | None:
        with self._lock:
            if (found := self._kept.get(key)) is None:
                return None
            if found[0] <= now_s:
                self._drop(key)
                return None
            self._kept.move_to_end(key)
            return found[1]

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
