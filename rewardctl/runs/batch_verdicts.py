"""The view of one batch on the verdicts of a run, and the text under which verdicts are kept."""

import json
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from reward_fn.judge.base import Model, Question
from reward_fn.judge.cache.entry import key_of
from reward_fn.types.usage import Recalled
from reward_fn.types.verdict import Leaf, Verdict, Verdicts

ANY_VERSION = ""
"""Stands for the definition's version in keys: a question's key covers the text of the question, so verdicts
stay usable if another part of the definition changes."""


class Texts(Protocol):
    """Texts by key. Both methods raise sqlite3.Error."""

    def get(self, key: str) -> str | None:
        """The text under a key."""
        ...

    def put(self, key: str, answers: str) -> None:
        """Keep a text under a key."""
        ...


class BatchOfRun:
    """The view of one batch; see :class:`reward_fn.judge.cache.base.BatchVerdicts`."""

    def __init__(self, store: Texts) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._hits = self._misses = self._errors = 0

    def key(self, question: Question, model: Model, vote: int) -> str:
        return key_of(ANY_VERSION, question, model, vote)

    def look_up(self, questions: Iterable[tuple[Question, Model, int]], within_s: float) -> None:
        """Nothing: :meth:`find` reads from this machine's disk."""

    def find(self, key: str, leaves: Sequence[Leaf]) -> Verdicts | None:
        try:
            text = self._store.get(key)
        except sqlite3.Error:
            text = None
        kept = None if text is None else _decode(text, leaves)
        with self._lock:
            self._hits += kept is not None
            self._misses += kept is None
        return kept

    def keep(self, key: str, leaves: Sequence[Leaf], verdicts: Verdicts) -> None:
        try:
            self._store.put(key, json.dumps([verdicts[leaf] for leaf in leaves]))
        except sqlite3.Error:  # a full disk: the store remembers it, and the batch ends the run
            with self._lock:
                self._errors += 1

    def end(self) -> Recalled:
        return Recalled(self._hits, self._misses, self._errors)


def _decode(text: str, leaves: Sequence[Leaf]) -> Verdicts | None:
    """The verdicts on ``leaves``, in order; None if the text is not what :meth:`BatchOfRun.keep` wrote."""
    try:
        rows: Any = json.loads(text)
    except ValueError:
        return None
    if not isinstance(rows, list) or len(rows) != len(leaves):
        return None
    verdicts = {leaf: _verdict(row, leaf) for row, leaf in zip(rows, leaves, strict=True)}
    whole = {leaf: verdict for leaf, verdict in verdicts.items() if verdict is not None}
    return whole if len(whole) == len(leaves) else None


def _verdict(row: Any, leaf: Leaf) -> Verdict | None:
    match row:
        case [str() as answer, str() as evidence, bool() as unsupported, share]:
            if answer in leaf.criterion.worth and (share is None or isinstance(share, float)):
                return Verdict(answer, evidence, unsupported, share)
    return None
