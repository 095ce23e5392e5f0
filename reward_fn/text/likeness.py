"""Which texts of a batch are nearly the same: compared by a few of their words, in bounded time.

Of a text its first and last ``PART_CHARS`` characters are read. Of their runs of three words those count that
begin with a word of a rare length: which ones does not depend on what stands before, so an insertion costs a
few. Two texts are nearly the same where at least ``NEAR`` of what both have is shared (Jaccard).
"""

from collections import Counter
from collections.abc import Sequence

from reward_fn.text.normalise import folded
from reward_fn.text.words import words

PART_CHARS = 300
MIN_WORDS = 8
MIN_RUNS = 6
NEAR = 0.8
RARE_LENGTHS = frozenset({6, 7, 10, 11})

Runs = frozenset[tuple[str, ...]]


def clusters(texts: Sequence[str]) -> list[int]:
    """For each text the place of the first one that it is nearly the same as: its own where there is none.

    A text of fewer than ``MIN_WORDS`` words is like no other: short answers may be the same with good reason.
    """
    leaders: list[int] = []
    sizes: dict[int, int] = {}
    holders: dict[tuple[str, ...], list[int]] = {}
    for place, text in enumerate(texts):
        runs = _runs(text)
        leader = _like(runs, holders, sizes)
        leaders.append(place if leader is None else leader)
        if leader is None and runs:
            sizes[place] = len(runs)
            for run in runs:
                holders.setdefault(run, []).append(place)
    return leaders


def _like(runs: Runs, holders: dict[tuple[str, ...], list[int]], sizes: dict[int, int]) -> int | None:
    """The first leader that shares enough."""
    shared = Counter(place for run in runs if run in holders for place in holders[run])
    near = [p for p, count in shared.items() if count >= NEAR * (len(runs) + sizes[p] - count)]
    return min(near, default=None)


def _runs(text: str) -> Runs:
    if len(text) > 2 * PART_CHARS:
        text = f"{text[:PART_CHARS]} {text[-PART_CHARS:]}"
    found = text.lower().split()
    if len(found) < MIN_WORDS and not text.isascii():  # a script that is written without spaces
        found = words(folded(text))
    if len(found) < MIN_WORDS:
        return frozenset()
    runs = zip(found, found[1:], found[2:], strict=False)
    chosen = frozenset(run for run in runs if len(run[0]) in RARE_LENGTHS)
    return chosen if len(chosen) >= MIN_RUNS else frozenset(zip(found, found[1:], found[2:], strict=False))
