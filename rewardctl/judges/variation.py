"""A change to what a judge is asked, so that a run can be compared with one without it."""

from typing import Protocol

from reward_fn.judge.base import Judge
from reward_fn.types.definition import Definition


class Variation(Protocol):
    """A change that another process can take over, so it must be picklable."""

    def definition(self, definition: Definition) -> Definition:
        """The definition with the change; its version and hash differ from the original's."""
        ...

    def judge(self, judge: Judge) -> Judge:
        """The judge with the change."""
        ...
