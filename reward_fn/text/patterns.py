"""Patterns from definitions and schemas: tried against bait when loaded, cut off by a time-out when they run.

They run in ``regex``, whose searches take a time-out. Three rules bound what is left: all searches of one
check in one text together end after ``TIMEOUT_S``; a text longer than ``MAX_TEXT_CHARS`` is not searched,
since the time-out is only looked at between passes over the text; and once the searches of a batch have taken
``BATCH_S``, each check has only ``SHORT_TIMEOUT_S`` left, which ordinary texts never need. Either way the
search is *undecided*, and whoever asked counts that against the text: as no match where one was wanted, as a
match where none was.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeVar

from reward_fn.text.bait import BAIT_CHARS, atoms_of, baits, copies
from reward_fn.text.batch_time import current

if TYPE_CHECKING:
    import regex

T = TypeVar("T")

TIMEOUT_S = 0.05
"""Of processor time, as ``regex`` counts it: a function that has to wait for its share is not hurried."""
SHORT_TIMEOUT_S = 0.004
BATCH_S = 0.5
MAX_TEXT_CHARS = 100_000
MAX_PATTERN_CHARS = 1_000

PROBE_TIMEOUT_S = 0.2
PROBES_S = 0.5
"""For all bait of one pattern. Usual patterns take 1 ms, those with several open repeats up to 20 ms."""
DEFINITION_S = 2.0
"""For the patterns of one definition together. Lambda's initialisation phase ends after 10 s (its developer
guide, "Understanding the Lambda execution environment lifecycle"), and loading the rest takes 1 s."""
MAX_COPIES = 20_000
"""``regex`` copies what a count repeats: (a{1000}){1000} takes 270 MB before it has matched anything."""


class Allowance:
    """The time that searches may still take: one for each check of each text, shared by all its patterns."""

    def __init__(self) -> None:
        self.batch = current()
        self.left_s = TIMEOUT_S if self.batch.searches_s < BATCH_S else SHORT_TIMEOUT_S


class _Probing:
    """The processor time that trying patterns against bait may still take."""

    def __init__(self, seconds: float) -> None:
        self.limit_s = self.left_s = seconds


_probing: ContextVar[_Probing | None] = ContextVar("probing", default=None)


@contextmanager
def probing_within(seconds: float) -> Iterator[None]:
    """The patterns compiled inside the block have so much processor time together."""
    token = _probing.set(_Probing(seconds))
    try:
        yield
    finally:
        _probing.reset(token)


Search = Callable[[str, Allowance], bool | None]
"""Whether a pattern is found in a text; None where that is undecided."""


def compile_pattern(pattern: str, *, ignore_case: bool = False) -> Search:
    """The pattern as a search that ends. Raises ValueError as :func:`_compiled` does."""
    compiled = _compiled(pattern, ignore_case=ignore_case)

    def search(text: str, allowance: Allowance) -> bool | None:
        return _within(lambda left_s: compiled.search(text, timeout=left_s) is not None, text, allowance)

    return search


Find = Callable[[str, Allowance], str | None]
"""The last match of a pattern in a text: its first group if it has one; None if nothing is found in time."""


def compile_finder(pattern: str) -> Find:
    """The pattern as a finder that ends. Raises ValueError as :func:`_compiled` does."""
    compiled = _compiled(pattern, ignore_case=False)

    def last(text: str, left_s: float) -> str | None:
        match = next(iter(deque(compiled.finditer(text, timeout=left_s), maxlen=1)), None)
        return None if match is None else match[min(1, compiled.groups)]

    def find(text: str, allowance: Allowance) -> str | None:
        return _within(lambda left_s: last(text, left_s), text, allowance)

    return find


def _within(work: Callable[[float], T], text: str, allowance: Allowance) -> T | None:
    """What ``work`` gives within the allowance; None where it takes longer."""
    if len(text) > MAX_TEXT_CHARS or allowance.left_s <= 0:
        return None
    begun_s = time.process_time()
    try:
        return work(allowance.left_s)
    except (TimeoutError, MemoryError):
        allowance.left_s = 0
        return None
    finally:
        cost_s = time.process_time() - begun_s
        allowance.left_s -= cost_s
        allowance.batch.searches_s += cost_s


def _compiled(pattern: str, *, ignore_case: bool) -> "regex.Pattern[str]":
    """The pattern, compiled and tried against bait.

    Raises ValueError, with the remedy, for one that is too long, is no pattern, or is hopeless: needs
    more than ``PROBE_TIMEOUT_S`` for a text of ``BAIT_CHARS`` characters, or ``PROBES_S`` for several. The
    same where the time of :func:`probing_within` is spent.
    """
    import regex  # only where there is a pattern: it adds to the cold start

    if len(pattern) > MAX_PATTERN_CHARS:
        raise ValueError(f"a pattern of {len(pattern)} characters; at most {MAX_PATTERN_CHARS}, or split it")
    atoms = atoms_of(pattern)
    if copies(atoms) > MAX_COPIES:
        raise ValueError(f"{pattern!r} repeats so much that it needs too much memory; use smaller counts")
    try:
        compiled = regex.compile(pattern, regex.IGNORECASE if ignore_case else 0)
    except (regex.error, RecursionError, OverflowError, ValueError, KeyError) as error:
        raise ValueError(f"{pattern!r} is no pattern: {error}; a literal sign needs a backslash") from error
    _probe(compiled, pattern, atoms)

    return compiled


def _probe(compiled: Any, pattern: str, atoms: list[str]) -> None:
    """Raises ValueError for a pattern that is hopeless, and where the time for patterns is spent."""
    begun_s, shared = time.process_time(), _probing.get()
    limit_s = PROBES_S if shared is None else min(PROBES_S, shared.left_s)
    try:
        for bait in baits(atoms):
            compiled.search(bait, timeout=PROBE_TIMEOUT_S)
            if time.process_time() - begun_s > limit_s:
                break
    except (TimeoutError, MemoryError) as error:
        raise ValueError(
            f"{pattern!r} is hopeless: {BAIT_CHARS} characters of bait keep it busy for more than "
            f"{PROBE_TIMEOUT_S} s; don't repeat what is a repeat itself, nor alternatives that begin alike"
        ) from error
    finally:
        cost_s = time.process_time() - begun_s
        if shared is not None:
            shared.left_s -= cost_s
    if cost_s > PROBES_S:
        raise ValueError(
            f"{pattern!r} is hopeless: bait keeps it busy for more than {PROBES_S} s; use fewer repeats"
        )
    if shared is not None and shared.left_s <= 0:
        raise ValueError(
            f"{pattern!r}: the patterns up to here took more than {shared.limit_s:g} s to check; use fewer"
        )
