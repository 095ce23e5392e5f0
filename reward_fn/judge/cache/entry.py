"""What is kept of verdicts: under which key, as what text, and how that is read again.

The key covers all that they depend on; random fences are no part of it. What is not exactly what ``encode``
writes under a key is nothing. It holds answers alone: evidence quotes rollouts and documents, whose text
stands nowhere but in traces.
"""

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from reward_fn.judge.base import Question
from reward_fn.judge.models.catalogue import ModelProfile
from reward_fn.text.digest import digest
from reward_fn.types.verdict import Leaf, Verdict

FORMAT = "2"
"""Goes up with every change in what is kept or in how a question is put that the key does not see."""

MAX_TEXT_CHARS = 100_000
"""Of one entry, in ASCII; an item of DynamoDB has 400 KB. A longer one is not put there."""


class Entry(NamedTuple):
    """What a table holds under a key, until ``expires_s`` (whole seconds of the epoch)."""

    key: str
    text: str
    expires_s: int


def key_of(version: str, question: Question, model: ModelProfile, vote: int) -> str:
    """64 hex digits over all that verdicts depend on; ``version`` is the definition's.

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
    """The verdicts for ``leaves``, in order; None unless it is an entry that ``encode`` made for them."""
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
    """What may be answered to what, in order: an entry holds nothing else to tell its answers apart."""
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
