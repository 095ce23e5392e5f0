"""The time budget of one batch's checks, kept in a context variable.

The pipeline opens a budget around the checks of a batch with :func:`of_batch`. Checks get it with
:func:`current` and add the time that they spend. Each kind of work has a limit for a batch; once it is spent,
every further text or value of that batch gets little time or no time. Two batches never share a budget, not
even if a thread of an earlier batch is still running: that thread keeps the context in which it was started.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class BatchTime:
    """Seconds of processor time that the checks of one batch have spent, by kind of work."""

    __slots__ = ("remaining_s", "schemas_s", "searches_s", "values_s")

    def __init__(self, remaining_s: Callable[[], float]) -> None:
        self.remaining_s = remaining_s
        """Returns the seconds of wall time until the checks of the batch must be done."""
        self.searches_s = 0.0
        """Spent on searches for patterns, see :mod:`reward_fn.text.patterns`."""
        self.schemas_s = 0.0
        """Spent on compiling schemas that rollouts bring, see ``checks/json_schema.py``."""
        self.values_s = 0.0
        """Spent on validating values, see :mod:`reward_fn.schema.compiled`."""


_current: ContextVar[BatchTime | None] = ContextVar("batch_time", default=None)


@contextmanager
def of_batch(remaining_s: Callable[[], float]) -> Iterator[BatchTime]:
    """A fresh budget for the checks inside the block; ``remaining_s`` returns the seconds left to them."""
    budget = BatchTime(remaining_s)
    token = _current.set(budget)
    try:
        yield budget
    finally:
        _current.reset(token)


def current() -> BatchTime:
    """The budget of the current batch; outside a batch a new one, so that nothing limits a single call."""
    return _current.get() or BatchTime(_no_limit)


def _no_limit() -> float:
    return math.inf
