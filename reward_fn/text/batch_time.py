"""Processor time that the checks of the batch at hand have taken, by kind of work.

Checks run in one thread, one batch at a time, so this is module state. Each kind has a limit for a batch;
beyond it every further text or value has little time, or none.
"""


class Spent:
    """Seconds since :func:`new_batch`."""

    searches_s = 0.0
    """By patterns, see :mod:`reward_fn.text.patterns`."""
    schemas_s = 0.0
    """By compiling schemas that rollouts bring, see ``checks/json_schema.py``."""
    values_s = 0.0
    """By deciding on values under schemas, see :mod:`reward_fn.schema.compiled`."""


def new_batch() -> None:
    """Begin with another batch: what an earlier one took is not held against its texts."""
    Spent.searches_s = Spent.schemas_s = Spent.values_s = 0.0
