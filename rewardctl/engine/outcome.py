"""What one batch adds to a run: its records as JSON Lines, and counts."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from reward_fn.report.trace import json_line
from reward_fn.text.digest import digest
from rewardctl.data import Line, Problem, Row, rows_in
from rewardctl.runs.records import Record
from rewardctl.runs.state import MAX_PROBLEMS, Progress


class BatchRows(NamedTuple):
    """The rows in the lines of a batch, in order, and the lines without a row."""

    lines: Sequence[Line]
    rows: Sequence[Row]
    problems: Sequence[Problem]

    @property
    def values(self) -> list[Any]:
        """The rows as sent, each with an id."""
        return [row.value for row in self.rows]


class Outcome(NamedTuple):
    """The records of a batch as JSON Lines, and what they add to the run.

    ``over_budget`` says that the cost cap ended the batch: some of its rows were not judged, so its records
    are not to be kept. ``ids`` are the line of each row and a 63-bit hash of its id.
    """

    records: bytes
    progress: Progress
    over_budget: bool = False
    ids: tuple[tuple[int, int], ...] = ()


def read_rows(lines: Sequence[Line]) -> BatchRows:
    """The rows of a batch of lines."""
    read = [each for line in lines for each in rows_in(line)]
    return BatchRows(
        lines,
        [each for each in read if isinstance(each, Row)],
        [each for each in read if isinstance(each, Problem)],
    )


def outcome_of(
    batch: BatchRows, records: Sequence[Record], imputed: Sequence[Problem], *, over_budget: bool = False
) -> Outcome:
    """The outcome of a batch with one record for each row; ``imputed`` are rows without a reward of their
    own."""
    encoded = b"".join(json_line(record) + b"\n" for record in records)
    problems = sorted([*batch.problems, *imputed])
    progress = Progress(
        batches=1,
        bytes=len(encoded),
        last_line=batch.lines[-1].number,
        lines=len(batch.lines),
        rows=len(batch.rows) + len(batch.problems),
        scored=len(batch.rows) - len(imputed),
        reward_sum=sum(record["reward"] for record in records if not record["imputed"]),
        unscored=dict(Counter(problem.reason for problem in problems)),
        problems=tuple(problem._asdict() for problem in problems[:MAX_PROBLEMS]),
    )
    ids = tuple((row.line, _hash(record["id"])) for row, record in zip(batch.rows, records, strict=True))
    return Outcome(encoded, progress, over_budget, ids)


def id_in_run(row: Row, result_id: Any, index: int) -> Any:
    """The id of a result: for a row without one, by its line in the data and not its index in the batch."""
    sent = row.value.get("id") if isinstance(row.value, Mapping) else None
    return row.default_id if result_id == f"missing-{index}" != sent else result_id


def _hash(value: Any) -> int:
    return int(digest(repr(value))[:16], 16) >> 1
