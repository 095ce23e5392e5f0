"""Cut lines into batches, the same way each time, so that an interrupted run finds its place."""

from collections.abc import Iterable, Iterator, Sequence

from reward_fn.event.parse import parse_rows
from reward_fn.types.rollout import Rollout
from rewardctl.data import Line, Row, rows_in

MAX_GROUP_FACTOR = 2
"""A group that does not end is cut where its batch has this many times the usual size."""
MAX_BATCH_BYTES = 8 << 20
"""A batch with so many bytes is full whatever its rows: their values take about ten times that in memory."""


def batches(lines: Iterable[Line], rows: int, *, by_group: bool) -> Iterator[list[Line]]:
    """Batches of ``rows`` lines, fewer if the lines are long.

    With ``by_group``, a batch that would cut a group ends with that group, if it is not too large.
    """
    batch: list[Line] = []
    size = 0
    for line in lines:
        fullness = max(len(batch) / rows, size / MAX_BATCH_BYTES)
        if fullness >= 1 and not (
            by_group and fullness < MAX_GROUP_FACTOR and _are_of_one_group(batch[-1], line)
        ):
            yield batch
            batch, size = [], 0
        batch.append(line)
        size += len(line.content)
    if batch:
        yield batch


def _are_of_one_group(line: Line, following: Line) -> bool:
    """Whether the last rollout of a line and the first of the next one answer the same prompt."""
    groups = _groups(line)[-1:], _groups(following)[:1]
    return groups[0] == groups[1] != []


def _groups(line: Line) -> Sequence[str]:
    """The groups of the line's rollouts."""
    entries = parse_rows([row.value for row in rows_in(line) if isinstance(row, Row)])
    return [entry.group for entry in entries if isinstance(entry, Rollout)]
