"""Entries of the verdict cache: their keys, and their text.

A key covers all that the verdicts depend on, but not the random fences. An entry counts only if it is exactly
what ``encode`` writes under its key. It holds answers and no evidence, since evidence quotes rollouts and
documents, whose text is stored only in traces.
"""

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from reward_fn.judge.base import Model, Question
from reward_fn.text.digest import digest
from reward_fn.types.verdict import Leaf, Verdict

FORMAT = "2"
"""Raise this with each change to entries, or to the way of asking, that the key does not cover."""

MAX_TEXT_CHARS = 100_000
"""The longest entry, in ASCII, that is written to a table. DynamoDB allows 400 KB an item."""


class Entry(NamedTuple):
    """What a table holds under a key, until ``expires_s`` in whole seconds since the epoch."""

    key: str
    text: str
    expires_s: int


def key_of(version: str, question: Question, model: Model, vote: int) -> str:
    """64 hex digits over all that the verdicts depend on; ``version`` is the definition's.

    ``question.key`` covers the system prompt, criteria, documents, prompt and response.
    """
    who = (model.place, model.model_id, model.structure, str(model.temperature))
    parts = (question.key, _digest_of_text(question.static), _digest_of_leaves(question.leaves))
    return digest(FORMAT, version, *parts, *who, str(question.max_tokens), str(vote))


def encode(key: str, verdicts: Sequence[Verdict], expires_s: int) -> Entry:
    """Answers in the order of the question's leaves, behind a checksum over key, time and answers."""
    answers = json.dumps([[str(v.answer), int(v.unsupported)] for v in verdicts], separators=(",", ":"))
    return Entry(key, f"{_checksum(key, expires_s, answers)} {answers}", expires_s)


def decode(entry: Entry, key: str, leaves: Sequence[Leaf], now_s: float) -> tuple[Verdict, ...] | None:
    """The verdicts for ``leaves``, in order; None if ``encode`` did not make the entry for them."""
    if entry.key != key or entry.expires_s <= now_s or len(entry.text) > MAX_TEXT_CHARS:
        return None
    checksum, _, answers = entry.text.partition(" ")
    if checksum != _checksum(key, entry.expires_s, answers):
        return None
    try:
        rows = json.loads(answers)
    except (ValueError, RecursionError):
        return None
    if not isinstance(rows, list) or len(rows) != len(leaves):
        return None
    verdicts = [_verdict(row, leaf) for row, leaf in zip(rows, leaves, strict=True)]
    whole = tuple(verdict for verdict in verdicts if verdict is not None)
    return whole if len(whole) == len(leaves) else None


@lru_cache(maxsize=64)
def _digest_of_text(text: str) -> str:
    return digest(text)


@lru_cache(maxsize=256)
def _digest_of_leaves(leaves: tuple[Leaf, ...]) -> str:
    """A digest of the leaves and their possible answers, in order; an entry holds answers without names."""
    parts = (
        (c.name, c.scope, str(item), c.evidence_kind, *c.worth, "", *c.quote_from, "") for c, item in leaves
    )
    return digest(*(part for each in parts for part in each))


def _checksum(key: str, expires_s: int, answers: str) -> str:
    return digest(key, str(expires_s), answers)[:32]


def _verdict(row: object, leaf: Leaf) -> Verdict | None:
    match row:
        case [str() as answer, 0 | 1 as mark] if answer in leaf.criterion.worth:
            if mark and answer != leaf.criterion.worst:
                return None
            return Verdict(answer, unsupported=bool(mark))
    return None
