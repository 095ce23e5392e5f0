"""Count the lines of a source and keep a few of its batches, to estimate a cost before it is paid."""

import random
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rewardctl.data import Line

SAMPLE_BATCHES = 8
SAMPLE_LINES = 32


class Sample(NamedTuple):
    """The number of ``lines`` of the whole source, and some of its batches: at random, the same for the same
    ``seed``."""

    lines: int
    batches: Sequence[Sequence[Line]]


def sample_of(
    lines: Iterable[Line], *, seed: int = 0, batches: int = SAMPLE_BATCHES, batch_lines: int = SAMPLE_LINES
) -> Sample:
    """Reservoir sampling over batches of ``batch_lines`` neighbouring lines."""
    draw = random.Random(seed)
    kept: list[list[Line]] = []
    current: list[Line] = []
    count = seen = 0
    for line in lines:
        count += 1
        current.append(line)
        if len(current) == batch_lines:
            seen += 1
            _offer(kept, current, seen, batches, draw)
            current = []
    if current:
        _offer(kept, current, seen + 1, batches, draw)
    return Sample(count, kept)


def _offer(kept: list[list[Line]], batch: list[Line], seen: int, most: int, draw: random.Random) -> None:
    if len(kept) < most:
        kept.append(batch)
    elif (place := draw.randrange(seen)) < most:
        kept[place] = batch
