"""Count the rows of a source and keep a few of its batches, to estimate a cost before it is paid."""

import random
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rewardctl.data import Line

SAMPLE_BATCHES = 8
SAMPLE_ROWS = 32


class Sample(NamedTuple):
    """``rows`` of the whole source, and some of its batches: at random, the same for the same ``seed``."""

    rows: int
    batches: Sequence[Sequence[Line]]


def sample_of(
    lines: Iterable[Line], *, seed: int = 0, batches: int = SAMPLE_BATCHES, batch_rows: int = SAMPLE_ROWS
) -> Sample:
    """Reservoir sampling over runs of ``batch_rows`` neighbouring lines."""
    draw = random.Random(seed)
    kept: list[list[Line]] = []
    current: list[Line] = []
    rows = seen = 0
    for line in lines:
        rows += 1
        current.append(line)
        if len(current) == batch_rows:
            seen += 1
            _offer(kept, current, seen, batches, draw)
            current = []
    if current:
        _offer(kept, current, seen + 1, batches, draw)
    return Sample(rows, kept)


def _offer(kept: list[list[Line]], batch: list[Line], seen: int, most: int, draw: random.Random) -> None:
    if len(kept) < most:
        kept.append(batch)
    elif (place := draw.randrange(seen)) < most:
        kept[place] = batch
