"""Score one batch of lines in this process."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from reward_fn.deadline import Deadline
from reward_fn.event.parse import parse_rows
from reward_fn.pipeline import Scorer, score_batch
from reward_fn.report.trace import Batch, record
from reward_fn.types.batch import Scored
from reward_fn.types.result import Result
from reward_fn.types.unscored import Reason
from rewardctl.data import Line, Problem
from rewardctl.engine.outcome import Outcome, id_in_run, outcome_of, read_rows
from rewardctl.replay.score import records_of, score_stored
from rewardctl.replay.stored import VerdictReader

BATCH_S = 3600.0
"""The time for a batch if DEADLINE_S is not set. No trainer waits, so throttling is waited out; a judge that
hangs ends after its own time-out."""


class NeedsRollouts(Protocol):
    """A judge that must see the rollouts of a batch before it is asked."""

    def prepare(self, entries: Sequence[Any]) -> None:
        """Take over the entries of the next batch."""
        ...


def score_lines(
    lines: Sequence[Line],
    scorer: Scorer,
    prepare: NeedsRollouts | None = None,
    reader: VerdictReader | None = None,
) -> Outcome:
    """Score the rows in ``lines``: one record a row, in order; a line without a row becomes a problem.

    With a ``reader`` the lines are records, whose verdicts it reads.
    """
    rows = read_rows(lines)
    if prepare is not None:
        prepare.prepare(parse_rows(rows.values))
    deadline = Deadline.after(scorer.settings.deadline_s or BATCH_S)

    def judge(values: Sequence[Any]) -> Scored:
        return score_batch(list(values), scorer, deadline)

    if reader is None:
        scored = judge(rows.values)
    else:
        scored = score_stored(rows.values, records_of(lines), scorer.definition, reader, judge)
    batch = Batch(scored, tuple(range(len(rows.rows))), "", datetime.now(UTC))
    records = [
        {"line": row.line, **record(batch, index, scorer.definition)} for index, row in enumerate(rows.rows)
    ]
    for index, (row, fields) in enumerate(zip(rows.rows, records, strict=True)):
        fields["id"] = id_in_run(row, fields["id"], index)
    imputed = [
        _unscored(result, row.line)
        for row, result in zip(rows.rows, scored.results, strict=True)
        if result.imputed
    ]
    return outcome_of(rows, records, imputed, over_budget=_is_over_budget(scored))


def _unscored(result: Result, number: int) -> Problem:
    why = result.reasons[-1] if result.reasons else None
    detail = (why.detail if why else "").removeprefix(f"row {result.index}").lstrip(": ")
    return Problem(number, why.reason.value if why else "imputed", detail)


def _is_over_budget(scored: Scored) -> bool:
    return any(why.reason is Reason.BUDGET for result in scored.results for why in result.reasons)
