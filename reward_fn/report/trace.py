"""Traces: which rollouts of an answered batch are traced, and the bytes of the object that holds them. Pure.

``docs/traces.md`` documents the fields. A trace holds the text of prompts and responses.
"""

import gzip
import io
import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reward_fn.text.digest import digest
from reward_fn.types.batch import Examined, Scored
from reward_fn.types.check import CheckResult
from reward_fn.types.definition import Definition
from reward_fn.types.result import Result
from reward_fn.types.rollout import Rejected, Rollout
from reward_fn.types.unscored import Unscored
from reward_fn.types.usage import Call
from reward_fn.types.verdict import Judged, Leaf, Verdict

FORMAT = 1
"""The version of the format, raised when a reader has to change."""

_HEX_DIGITS = 13  # 52 bits fit into a float, so the quotient is exact and below 1
_UNSAFE = re.compile(r"[^A-Za-z0-9-]")


@dataclass(frozen=True, slots=True)
class Batch:
    """An answered batch to be traced. ``chosen`` are the indices of its traced rollouts; ``at`` is in UTC."""

    scored: Scored
    chosen: tuple[int, ...]
    request_id: str
    at: datetime


def choose(scored: Scored, definition: Definition, share: float) -> tuple[int, ...]:
    """Choose whole groups, about a ``share`` (0 to 1) of them, and return the indices of their rollouts.

    A hash of group and definition version decides, so all environments and epochs choose the same groups.
    GRPO compares the rollouts of a group, which may come in several invocations; and a prompt can be followed
    through a run. A row without a group is chosen by its id.
    """
    return tuple(
        result.index
        for result in scored.results
        if _draw(result.group or str(result.id), definition.version) < share
    )


def object_key(prefix: str, definition: Definition, batch: Batch) -> str:
    """Return ``<prefix>date=YYYY-MM-DD/definition=<name>/<request id>.jsonl.gz``."""
    request_id = _UNSAFE.sub("-", batch.request_id)[:128]
    place = f"date={batch.at:%Y-%m-%d}/definition={definition.name}/{request_id}.jsonl.gz"
    return f"{prefix.strip('/')}/{place}".lstrip("/")


def encode(batch: Batch, definition: Definition) -> bytes:
    """Return the chosen rollouts as gzipped JSON Lines.

    The text is ASCII: a lone surrogate stays an escape. NaN and infinities become null.
    """
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=6, mtime=0) as packed:
        for index in batch.chosen:
            packed.write(json_line(record(batch, index, definition)))
            packed.write(b"\n")
    return buffer.getvalue()


def record(batch: Batch, index: int, definition: Definition) -> dict[str, Any]:
    """Return one line's object, for the rollout at ``index`` of the batch."""
    scored, result = batch.scored, batch.scored.results[index]
    examined = scored.examined[index]
    return {
        "trace": FORMAT,
        "at": batch.at.isoformat(timespec="milliseconds"),
        "request_id": batch.request_id,
        "definition": definition.name,
        "definition_version": definition.version,
        "definition_source": definition.source,
        "definition_sha256": definition.sha256,
        "id": result.id,
        "index": index,
        "group": result.group,
        "reward": result.reward,
        "gate": result.gate,
        "imputed": result.imputed,
        "metrics": [metric._asdict() for metric in result.metrics],
        "checks": _checks(examined) if isinstance(examined, Examined) else {},
        "verdicts": list(_verdicts(scored, index)),
        "votes": list(_votes(scored, index)),
        "reasons": _reasons(result),
        "calls": [
            _call(call, scored) for call in scored.usage.calls if call.key in scored.usage.keys.get(index, ())
        ],
        "row": row_of(scored.entries[index]),
    }


def _draw(key: str, version: str) -> float:
    """Return a number in [0, 1) that depends on key and version alone."""
    return int(digest(version, key)[:_HEX_DIGITS], 16) / 16.0**_HEX_DIGITS


def _checks(examined: Examined) -> dict[str, dict[str, Any]]:
    return {name: _check(result) for name, result in examined.results.items()}


def _check(result: CheckResult | Unscored) -> dict[str, Any]:
    if isinstance(result, Unscored):
        return {"score": None, "detail": result.detail, "unscored": result.reason.value}
    return {"score": result.score, "detail": result.detail, "unscored": None}


def _verdicts(scored: Scored, index: int) -> Iterator[dict[str, Any]]:
    outcome = scored.outcomes.get(index)
    if isinstance(outcome, Judged):
        yield from (_verdict(leaf, verdict) for leaf, verdict in outcome.verdicts.items())


def _verdict(leaf: Leaf, verdict: Verdict) -> dict[str, Any]:
    return {
        "criterion": leaf.criterion.name,
        "item": leaf.item,
        "answer": str(verdict.answer),
        "worth": leaf.value(verdict),
        "evidence": verdict.evidence,
        "unsupported": verdict.unsupported,
    }


def _votes(scored: Scored, index: int) -> Iterator[dict[str, Any]]:
    """Yield the verdicts of each judge of a panel; nothing for a single judge."""
    outcome = scored.outcomes.get(index)
    if isinstance(outcome, Judged):
        for voter, verdicts in outcome.votes:
            yield {"model": voter, "verdicts": [_verdict(leaf, v) for leaf, v in verdicts.items()]}


def _reasons(result: Result) -> list[dict[str, str]]:
    return [{"reason": why.reason.value, "detail": why.detail} for why in result.reasons]


def _call(call: Call, scored: Scored) -> dict[str, Any]:
    return {
        "shared_by": sum(call.key in keys for keys in scored.usage.keys.values()),
        "model": call.model_id,
        "latency_s": round(call.latency_s, 4),
        "input_tokens": call.input_tokens,
        "output_tokens": call.output_tokens,
        "cache_read_tokens": call.cache_read_tokens,
        "cache_write_tokens": call.cache_write_tokens,
        "failure": call.failure.value if call.failure else None,
    }


def row_of(entry: Rollout | Rejected) -> dict[str, Any] | None:
    """Return the rollout as a row of an event, to be scored again; None for a rejected row."""
    if not isinstance(entry, Rollout):
        return None
    turns = [{"role": message.role, "content": message.text} for message in entry.messages]
    calls = [{"toolUse": call} for call in entry.tool_calls]
    answer = [{"text": entry.response}, *calls] if calls else entry.response
    return {
        "id": entry.id,
        "messages": [*turns, {"role": "assistant", "content": answer}],
        "reference_answer": entry.reference_answer,
        "metadata": dict(entry.metadata),
    }


def json_line(fields: dict[str, Any]) -> bytes:
    """Return a record as one line of JSON in ASCII, without its end. NaN and infinities become null."""
    try:
        return json.dumps(fields, allow_nan=False, separators=(",", ":")).encode("ascii")
    except ValueError:  # the data set's reference or metadata holds a NaN
        return json.dumps(_finite(fields), allow_nan=False, separators=(",", ":")).encode("ascii")


def _finite(value: Any) -> Any:
    """Return a copy of a JSON value in which null stands for NaN and infinities."""
    if isinstance(value, dict):
        return {key: _finite(child) for key, child in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(child) for child in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
