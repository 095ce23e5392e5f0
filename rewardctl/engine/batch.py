"""Score one batch of lines in this process, and encode its records."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol

from reward_fn.deadline import Deadline
from reward_fn.event.parse import parse_rows
from reward_fn.pipeline import Scorer, score_batch
from reward_fn.report.trace import Batch, json_line, record
from reward_fn.text.digest import digest
from reward_fn.types.batch import Scored
from reward_fn.types.result import Result
from reward_fn.types.rollout import Rejected
from reward_fn.types.unscored import Reason
from rewardctl.data import Line, Problem, Row, rows_in
from rewardctl.runs.state import MAX_PROBLEMS, Progress

BATCH_S = 3600.0
"""The time for a batch if DEADLINE_S is not set. No trainer waits, so throttling is waited out; a judge that
hangs ends after its own time-out."""


class Outcome(NamedTuple):
    """The records of a batch as JSON Lines, and what they add to the run.

    ``over_budget`` says that the cost cap ended the batch: some of its rows were not judged, so its records
    are not to be kept. ``ids`` are the line of each row and a 63-bit hash of its id.
    """

    records: bytes
    progress: Progress
    over_budget: bool = False
    ids: tuple[tuple[int, int], ...] = ()


class NeedsRollouts(Protocol):
    """A judge that must see the rollouts of a batch before it is asked."""

    def prepare(self, entries: Sequence[Any]) -> None:
        """Take over the entries of the next batch."""
        ...


def score_lines(lines: Sequence[Line], scorer: Scorer, prepare: NeedsRollouts | None = None) -> Outcome:
    """Score the rows in ``lines``: one record a row, in order; a line without a row becomes a problem."""
    start_s = time.perf_counter()
    read = [found for line in lines for found in rows_in(line)]
    rows = [found for found in read if not isinstance(found, Problem)]
    problems = [found for found in read if isinstance(found, Problem)]
    values = [row.value for row in rows]
    if prepare is not None:
        prepare.prepare(parse_rows(values))
    scored = score_batch(values, scorer, Deadline.after(scorer.settings.deadline_s or BATCH_S))
    numbers = [row.line for row in rows]
    progress = _progress(scored, numbers, problems)
    batch = Batch(scored, tuple(range(len(rows))), "", datetime.now(UTC))
    records = b"".join(
        json_line(_record(batch, index, number, scorer)) + b"\n" for index, number in enumerate(numbers)
    )
    return Outcome(
        records,
        replace(
            progress,
            bytes=len(records),
            last_line=lines[-1].number,
            wall_s=time.perf_counter() - start_s,
        ),
        over_budget=Reason.BUDGET in _judge_reasons(scored),
        ids=hashes_of(rows),
    )


def hashes_of(rows: Sequence[Row]) -> tuple[tuple[int, int], ...]:
    """The line of each row with an id, and a 63-bit hash of the id."""
    ids = [(row.line, row.value["id"]) for row in rows if isinstance(row.value, dict) and "id" in row.value]
    return tuple((line, int(digest(repr(value))[:16], 16) >> 1) for line, value in ids)


def _record(batch: Batch, index: int, number: int, scorer: Scorer) -> dict[str, Any]:
    fields = record(batch, index, scorer.definition)
    if isinstance(batch.scored.entries[index], Rejected) and fields["id"] == f"missing-{index}":
        fields["id"] = f"missing-{number - 1}"
    return {"line": number, **fields}


def _progress(scored: Scored, numbers: Sequence[int], problems: Sequence[Problem]) -> Progress:
    """The counts of a batch, and the first lines that have no reward of their own."""
    rows = zip(scored.results, numbers, strict=True)
    imputed = [_unscored(result, number) for result, number in rows if result.imputed]
    every = [*problems, *imputed]
    return Progress(
        batches=1,
        rows=len(scored.results) + len(problems),
        scored=len(scored.results) - len(imputed),
        reward_sum=sum(result.reward for result in scored.results if not result.imputed),
        unscored=dict(Counter(problem.reason for problem in every)),
        problems=tuple(_as_json(problem) for problem in sorted(every)[:MAX_PROBLEMS]),
    )


def _unscored(result: Result, number: int) -> Problem:
    why = result.reasons[-1] if result.reasons else None
    detail = (why.detail if why else "").removeprefix(f"row {result.index}").lstrip(": ")
    return Problem(number, why.reason.value if why else "imputed", detail)


def _as_json(problem: Problem) -> Mapping[str, Any]:
    return {"line": problem.line, "reason": problem.reason, "detail": problem.detail}


def _judge_reasons(scored: Scored) -> set[Reason]:
    return {why.reason for result in scored.results for why in result.reasons}
