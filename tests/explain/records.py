"""Records for tests: rows scored by the pipeline with a judge that says what the test wants."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from reward_fn.deadline import Deadline
from reward_fn.pipeline import Scorer, score_batch
from reward_fn.report.trace import Batch, record
from reward_fn.types.definition import Definition
from tests.unit.fake_judge import Answer, FakeJudge

Record = dict[str, Any]


def records_of(
    definition: Definition,
    rows: Sequence[Any],
    answer: Answer | None = None,
    *,
    request_id: str = "r-1",
) -> list[Record]:
    """The records of a batch, as they are read back from JSON; the judge says yes without an ``answer``."""
    scored = score_batch(list(rows), Scorer(definition, FakeJudge(answer)), Deadline.after(60.0))
    batch = Batch(scored, tuple(range(len(rows))), request_id, datetime(2026, 1, 2, tzinfo=UTC))
    return [
        json.loads(json.dumps({"line": index + 1, **record(batch, index, definition)}))
        for index in batch.chosen
    ]


def metrics_only(record: Mapping[str, Any]) -> Record:
    """The record as a deployed function's answer gives it: without results of checks and verdicts."""
    return {**record, "checks": {}, "verdicts": [], "votes": [], "calls": []}
