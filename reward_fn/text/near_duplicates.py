"""Find near-duplicate responses in a batch, in time linear in the number of texts.

The first and last ``PART_CHARS`` characters of a text are read. A text is represented by the set of its
three-word runs that begin with a word of a rare length. This choice does not depend on the text before, so an
insertion changes only a few runs. Two texts are near duplicates if their Jaccard similarity is at least
``NEAR``.

Candidates come from prefix filtering (Bayardo, Ma, Srikant: "Scaling up all pairs similarity search", 2007):
with the runs of each set in one global order, rare ones first, two sets of similarity t share at least one
run among the first n - ceil(t * n) + 1 of each.
"""

import math
from collections import Counter
from collections.abc import Callable, Sequence

from reward_fn.text.normalise import folded
from reward_fn.text.words import ngrams, words

PART_CHARS = 300
MIN_WORDS = 8
RUN_WORDS = 3
MIN_RUNS = 6
NEAR = 0.8
RARE_LENGTHS = frozenset({6, 7, 10, 11})
MAX_LISTED = 16
"""Texts indexed under one run. Ordinary texts need no more, since the runs that they share lie behind the
prefix. This bounds the comparisons of one text to this times a fifth of its runs."""

Run = tuple[str, ...]
Runs = frozenset[Run]


def clusters(texts: Sequence[str], is_late: Callable[[], bool] = lambda: False) -> list[int] | None:
    """For each text the index of the first text that it nearly duplicates, else its own index.

    A text of fewer than ``MIN_WORDS`` words duplicates no other, since short answers are often equal. None if
    ``is_late`` becomes true first.
    """
    sets: list[Runs] = []
    for text in texts:
        if is_late():
            return None
        sets.append(_runs(text))
    counts = Counter(run for runs in sets for run in runs)
    leaders: list[int] = []
    listed: dict[Run, list[int]] = {}
    for place, runs in enumerate(sets):
        if is_late():
            return None
        prefix = _prefix(runs, counts)
        leader = _first_like(runs, prefix, listed, sets)
        leaders.append(place if leader is None else leader)
        if leader is None:
            _list(place, prefix, listed)
    return leaders


def _prefix(runs: Runs, counts: Counter[Run]) -> list[Run]:
    """The runs of which each near duplicate shares at least one."""
    length = len(runs) - math.ceil(round(NEAR * len(runs), 6)) + 1
    return sorted(runs, key=lambda run: (counts[run], run))[:length]


def _first_like(
    runs: Runs, prefix: Sequence[Run], listed: dict[Run, list[int]], sets: Sequence[Runs]
) -> int | None:
    candidates = {place for run in prefix for place in listed.get(run, ())}
    return min((place for place in candidates if _are_near(runs, sets[place])), default=None)


def _are_near(one: Runs, other: Runs) -> bool:
    shared = len(one & other)
    return shared >= NEAR * (len(one) + len(other) - shared)


def _list(place: int, prefix: Sequence[Run], listed: dict[Run, list[int]]) -> None:
    for run in prefix:
        places = listed.setdefault(run, [])
        if len(places) < MAX_LISTED:
            places.append(place)


def _runs(text: str) -> Runs:
    if len(text) > 2 * PART_CHARS:
        text = f"{text[:PART_CHARS]} {text[-PART_CHARS:]}"
    text_words = text.lower().split()
    if len(text_words) < MIN_WORDS and not text.isascii():  # a script that is written without spaces
        text_words = words(folded(text))
    if len(text_words) < MIN_WORDS:
        return frozenset()
    chosen = frozenset(run for run in ngrams(text_words, RUN_WORDS) if len(run[0]) in RARE_LENGTHS)
    return chosen if len(chosen) >= MIN_RUNS else frozenset(ngrams(text_words, RUN_WORDS))
