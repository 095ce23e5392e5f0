"""Cut lines into batches, the same way each time, so that an interrupted run finds its place."""

from collections.abc import Iterable, Iterator
from itertools import islice

from reward_fn.event.parse import parse_rows
from reward_fn.types.rollout import Rollout
from rewardctl.data import Line, Row, rows_in

MAX_GROUP_FACTOR = 2
"""A group that does not end is cut where its batch has this many times the usual rows."""


def batches(lines: Iterable[Line], rows: int, *, by_group: bool) -> Iterator[list[Line]]:
    """Batches of ``rows`` lines. With ``by_group``, one that would cut a group ends with that group."""
    if not by_group:
        source = iter(lines)
        while part := list(islice(source, rows)):
            yield part
        return
    batch: list[Line] = []
    last = ""
    for line in lines:
        group = _group(line)
        full = len(batch) >= rows and (group != last or len(batch) >= MAX_GROUP_FACTOR * rows)
        if full:
            yield batch
            batch = []
        batch.append(line)
        last = group
    if batch:
        yield batch


def _group(line: Line) -> str:
    """The group of the line's rollout; a text of its own for a line without one."""
    rows = [row.value for row in rows_in(line) if isinstance(row, Row)]
    entries = parse_rows(rows)
    last = entries[-1] if entries else None
    return last.group if isinstance(last, Rollout) else f"line {line.number}"
