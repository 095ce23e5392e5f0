"""Verdicts of stored records as a judge: the same rollout, the same criterion, the same answer."""

from pathlib import Path
from typing import Any

from reward_fn.event.parse import parse_rows
from reward_fn.text.digest import digest, strings_of
from reward_fn.types.rollout import Rollout
from reward_fn.types.verdict import Leaf
from rewardctl.judges.brains import Brain, Opinion, Subject
from rewardctl.runs.records import Record, read_records

Key = tuple[str, str, int | None]


def recorded(source: Path) -> Brain:
    """A brain with the verdicts of all records. Raises RecordsError."""
    verdicts: dict[Key, dict[str, Any]] = {}
    for record in read_records(source):
        verdicts.update(_verdicts(record))

    def brain(subject: Subject, leaf: Leaf) -> Opinion | None:
        verdict = verdicts.get((_digest(subject.material.rollout), leaf.criterion.name, leaf.item))
        return None if verdict is None else _opinion(verdict, leaf)

    return brain


def _verdicts(record: Record) -> dict[Key, dict[str, Any]]:
    row = record.get("row")
    entry = parse_rows([row])[0] if row else None
    if not isinstance(entry, Rollout):
        return {}
    who = _digest(entry)
    return {(who, v["criterion"], v["item"]): v for v in record.get("verdicts", ())}


def _opinion(verdict: dict[str, Any], leaf: Leaf) -> Opinion:
    """The judge's opinion. An unsupported verdict was replaced by the worst answer; the best answer with the
    same quote is replaced again."""
    best = leaf.criterion.choices[-1] if leaf.criterion.choices else "yes"
    return Opinion(best if verdict["unsupported"] else str(verdict["answer"]), str(verdict["evidence"]))


def _digest(rollout: Rollout) -> str:
    """The same text for the same prompt, reference and response."""
    return digest(rollout.group, rollout.response, *strings_of(list(rollout.tool_calls)))
