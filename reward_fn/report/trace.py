"""What a trace says of a rollout: pure, from an answered batch to the bytes of one object.

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
from reward_fn.types.rollout import Rollout
from reward_fn.types.unscored import Unscored
from reward_fn.types.usage import Call
from reward_fn.types.verdict import Judged, Leaf, Verdict

FORMAT = 1
"""Goes up with every change that a reader has to know of."""

_HEX_DIGITS = 13  # 52 bits: every quotient is exact and below 1
_UNSAFE = re.compile(r"[^A-Za-z0-9-]")


@dataclass(frozen=True, slots=True)
class Batch:
    """An answered batch of which the rollouts at ``chosen`` (indices) are traced. ``at`` is in UTC."""

    scored: Scored
    chosen: tuple[int, ...]
    request_id: str
    at: datetime


def choose(scored: Scored, definition: Definition, share: float) -> tuple[int, ...]:
    """The indices of the rollouts that are traced: a ``share`` (0..1) of the groups, each as a whole.

    Decided by a hash of group and definition version, so that all environments and epochs choose alike: what
    GRPO compares stays together although a group may come in several invocations, and a prompt can be
    followed through a run. A row without a group is chosen by its id.
    """
    return tuple(r.index for r in scored.results if _drawn(r.group or str(r.id), definition.version) < share)


def object_key(prefix: str, definition: Definition, batch: Batch) -> str:
    """``<prefix>date=YYYY-MM-DD/definition=<name>/<request id>.jsonl.gz``."""
    request_id = _UNSAFE.sub("-", batch.request_id)[:128]
    place = f"date={batch.at:%Y-%m-%d}/definition={definition.name}/{request_id}.jsonl.gz"
    return f"{prefix.strip('/')}/{place}".lstrip("/")


def encode(batch: Batch, definition: Definition) -> bytes:
    """The chosen rollouts as gzipped JSON Lines, in ASCII: lone surrogates stay escapes, NaN becomes null."""
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=6, mtime=0) as packed:
        for index in batch.chosen:
            packed.write(_line(record(batch, index, definition)))
            packed.write(b"\n")
    return buffer.getvalue()


def record(batch: Batch, index: int, definition: Definition) -> dict[str, Any]:
    """One line's object, for the rollout at ``index`` of the batch."""
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
        "row": _row(scored.entries[index]),
    }


def _drawn(key: str, version: str) -> float:
    """A number in [0, 1), always the same for the same key and version."""
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
    """What each voter said, where there were several."""
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


def _row(entry: Any) -> dict[str, Any] | None:
    """The rollout as a row of an event, so that it can be scored again; None for a rejected row."""
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


def _line(fields: dict[str, Any]) -> bytes:
    try:
        return json.dumps(fields, allow_nan=False, separators=(",", ":")).encode("ascii")
    except ValueError:  # a data set's own NaN, in its reference or metadata
        return json.dumps(_finite(fields), allow_nan=False, separators=(",", ":")).encode("ascii")


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(child) for key, child in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(child) for child in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
