"""Score batches through a function: the emulated one of this machine, or one that is deployed.

The function gives results, not how it came to them: records from a target have no checks, verdicts and calls.
Its traces hold these, if TRACE_SHARE is set.
"""

import json
import math
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from reward_fn.event.parse import parse_rows
from reward_fn.report.trace import FORMAT, row_of
from reward_fn.types.definition import Definition
from reward_fn.types.rollout import Rejected, Rollout
from rewardctl.data import Line, Problem, Row
from rewardctl.engine.functions import Invoke
from rewardctl.engine.outcome import Outcome, id_in_run, outcome_of, read_rows
from rewardctl.local.inputs import MAX_EVENT_BYTES
from rewardctl.local.outcome import fail, results_of
from rewardctl.runs.records import Record
from rewardctl.strict import faults


def score_at_target(
    batches: Iterable[Sequence[Line]], invoke: Invoke, definition: Definition, concurrency: int
) -> Iterator[Outcome]:
    """The outcome of each batch, in order, with ``concurrency`` invocations at once."""
    pool = ThreadPoolExecutor(concurrency, thread_name_prefix="invoke")
    waiting: deque[Future[Outcome]] = deque()
    try:
        for batch in batches:
            waiting.append(pool.submit(_score, batch, invoke, definition))
            if len(waiting) >= 2 * concurrency:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _score(lines: Sequence[Line], invoke: Invoke, definition: Definition) -> Outcome:
    batch = read_rows(lines)
    results = _invoked(batch.values, invoke)
    entries = parse_rows(batch.values)
    records = [
        _record(row, index, result, entry, definition)
        for index, (row, result, entry) in enumerate(zip(batch.rows, results, entries, strict=True))
    ]
    pairs = zip(batch.rows, results, strict=True)
    imputed = [_problem(row, result) for row, result in pairs if _is_imputed(result)]
    return outcome_of(batch, records, imputed)


def _invoked(rows: Sequence[Any], invoke: Invoke) -> list[dict[str, Any]]:
    """One result for each row; an event that is too large for Lambda is sent in halves.

    Raises LocalError if a result is missing or faulty.
    """
    if not rows:
        return []
    payload = json.dumps(rows).encode("ascii")
    if len(payload) > MAX_EVENT_BYTES and len(rows) > 1:
        half = len(rows) // 2
        return [*_invoked(rows[:half], invoke), *_invoked(rows[half:], invoke)]
    results = results_of(invoke(payload))
    if wrong := faults(rows, results, low=-math.inf, high=math.inf):
        fail("Runtime.InvalidResult", f"the function's answer is wrong: {wrong[0]}")
    return results


def _record(
    row: Row, index: int, result: Mapping[str, Any], entry: Rollout | Rejected, definition: Definition
) -> Record:
    """A record with what a result tells."""
    return {
        "line": row.line,
        "trace": FORMAT,
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "request_id": "",
        "definition": definition.name,
        "definition_version": definition.version,
        "definition_source": definition.source,
        "definition_sha256": definition.sha256,
        "id": id_in_run(row, result["id"], index),
        "index": index,
        "group": entry.group if isinstance(entry, Rollout) else None,
        "reward": result["aggregate_reward_score"],
        "gate": "",
        "imputed": _is_imputed(result),
        "metrics": result["metrics_list"],
        "checks": {},
        "verdicts": [],
        "votes": [],
        "reasons": [],
        "calls": [],
        "row": row_of(entry),
    }


def _problem(row: Row, result: Mapping[str, Any]) -> Problem:
    """The reason for a missing reward, as far as the flags of a result tell it."""
    values = _values(result)
    flag = next((name for name in ("no_response", "rejected", "judge_error") if values.get(name)), "imputed")
    return Problem(row.line, flag, "the function's log names the cause")


def _is_imputed(result: Mapping[str, Any]) -> bool:
    return bool(_values(result).get("imputed"))


def _values(result: Mapping[str, Any]) -> dict[str, float]:
    return {metric["name"]: metric["value"] for metric in result["metrics_list"]}
