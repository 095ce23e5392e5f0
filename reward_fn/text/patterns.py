"""Patterns from definitions: tested against bait at load, and stopped by a time-out when they run.

They run in ``regex``, whose searches have a time-out. Three rules bound the cost. All searches of one check
in one text end after ``TIMEOUT_S`` together. A text longer than ``MAX_TEXT_CHARS`` is not searched, since
``regex`` looks at its time-out only between passes over the text. Once the searches of a batch have taken
``BATCH_S``, each check has only ``SHORT_TIMEOUT_S``, more than ordinary texts need. A search without a result
is *undecided*; the caller counts that against the text: as no match if one is required, as a match if none is
allowed.
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
"""Processor time, as ``regex`` counts it, so that waiting for a processor doesn't count."""
SHORT_TIMEOUT_S = 0.004
BATCH_S = 0.5
MAX_TEXT_CHARS = 100_000
MAX_PATTERN_CHARS = 1_000

PROBE_TIMEOUT_S = 0.2
PROBES_S = 0.5
"""For all bait of one pattern. Most patterns take 1 ms, patterns with several open repeats up to 20 ms."""
DEFINITION_S = 2.0
"""For all patterns of one definition. Lambda's initialisation phase ends after 10 s (its developer
guide, "Understanding the Lambda execution environment lifecycle"), and loading the rest takes 1 s."""
MAX_COPIES = 20_000
"""``regex`` copies repeated parts: (a{1000}){1000} takes 270 MB before its first match."""


class Allowance:
    """The time left to the searches of one check in one text, shared by all its patterns."""

    def __init__(self) -> None:
        self.batch = current()
        self.left_s = TIMEOUT_S if self.batch.searches_s < BATCH_S else SHORT_TIMEOUT_S


class _Probing:
    """The processor time left for testing patterns against bait."""

    def __init__(self, seconds: float) -> None:
        self.limit_s = self.left_s = seconds


_probing: ContextVar[_Probing | None] = ContextVar("probing", default=None)


@contextmanager
def probing_within(seconds: float) -> Iterator[None]:
    """All patterns compiled inside the block share this many seconds of processor time."""
    token = _probing.set(_Probing(seconds))
    try:
        yield
    finally:
        _probing.reset(token)


Search = Callable[[str, Allowance], bool | None]
"""Returns whether a pattern matches anywhere in a text; None if undecided."""


def compile_pattern(pattern: str, *, ignore_case: bool = False) -> Search:
    """A search for the pattern that always ends. Raises ValueError as :func:`_compiled` does."""
    compiled = _compiled(pattern, ignore_case=ignore_case)

    def search(text: str, allowance: Allowance) -> bool | None:
        return _within(lambda left_s: compiled.search(text, timeout=left_s) is not None, text, allowance)

    return search


Find = Callable[[str, Allowance], str | None]
"""Returns the last match of a pattern in a text, or its first group if it has one; None for none in time."""


def compile_finder(pattern: str) -> Find:
    """A finder of the pattern that always ends. Raises ValueError as :func:`_compiled` does."""
    compiled = _compiled(pattern, ignore_case=False)

    def last(text: str, left_s: float) -> str | None:
        match = next(iter(deque(compiled.finditer(text, timeout=left_s), maxlen=1)), None)
        return None if match is None else match[min(1, compiled.groups)]

    def find(text: str, allowance: Allowance) -> str | None:
        return _within(lambda left_s: last(text, left_s), text, allowance)

    return find


def _within(work: Callable[[float], T], text: str, allowance: Allowance) -> T | None:
    """The result of ``work``, or None if it takes longer than the allowance."""
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
    """The pattern, compiled and tested against bait.

    Raises ValueError, with the remedy, for a pattern that is too long, does not compile, or backtracks
    without bound: it needs more than ``PROBE_TIMEOUT_S`` for a text of ``BAIT_CHARS`` characters, or
    ``PROBES_S`` for several. Raises it as well if the time of :func:`probing_within` is spent.
    """
    import regex  # takes time in a cold start, so only if there is a pattern

    if len(pattern) > MAX_PATTERN_CHARS:
        raise ValueError(f"a pattern of {len(pattern)} characters; at most {MAX_PATTERN_CHARS}: split it")
    atoms = atoms_of(pattern)
    if copies(atoms) > MAX_COPIES:
        raise ValueError(f"{pattern!r} needs too much memory; use smaller repeat counts")
    try:
        compiled = regex.compile(pattern, regex.IGNORECASE if ignore_case else 0)
    except (regex.error, RecursionError, OverflowError, ValueError, KeyError) as error:
        raise ValueError(
            f"{pattern!r} does not compile: {error}; write a backslash before literal signs"
        ) from error
    _probe(compiled, pattern, atoms)

    return compiled


def _probe(compiled: Any, pattern: str, atoms: list[str]) -> None:
    """Raises ValueError for a pattern that backtracks without bound, or if the time for patterns is spent."""
    begun_s, shared = time.process_time(), _probing.get()
    limit_s = PROBES_S if shared is None else min(PROBES_S, shared.left_s)
    try:
        for bait in baits(atoms):
            compiled.search(bait, timeout=PROBE_TIMEOUT_S)
            if time.process_time() - begun_s > limit_s:
                break
    except (TimeoutError, MemoryError) as error:
        raise ValueError(
            f"{pattern!r} backtracks without bound: {BAIT_CHARS} characters keep it busy for more than "
            f"{PROBE_TIMEOUT_S} s; don't repeat a repeat, nor alternatives that begin alike"
        ) from error
    finally:
        cost_s = time.process_time() - begun_s
        if shared is not None:
            shared.left_s -= cost_s
    if cost_s > PROBES_S:
        raise ValueError(
            f"{pattern!r} backtracks too much: bait takes it more than {PROBES_S} s; use fewer repeats"
        )
    if shared is not None and shared.left_s <= 0:
        raise ValueError(
            f"{pattern!r}: checking all patterns up to this took more than {shared.limit_s:g} s; use fewer"
        )
