"""The seam between the judge calls of a batch and the store of verdicts that were paid for."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from reward_fn.judge.base import Model, Question
from reward_fn.types.usage import Recalled
from reward_fn.types.verdict import Leaf, Verdicts


class BatchVerdicts(Protocol):
    """The verdicts that one batch may use and adds to. Safe to call from many threads. No method raises."""

    def key(self, question: Question, model: Model, vote: int) -> str:
        """The key of a question to a model; ``vote`` tells several votes of one model apart."""
        ...

    def look_up(self, questions: Iterable[tuple[Question, Model, int]], within_s: float) -> None:
        """Fetch in advance what :meth:`find` will be asked for, within that many seconds."""
        ...

    def find(self, key: str, leaves: Sequence[Leaf]) -> Verdicts | None:
        """The verdicts kept under ``key``, for ``leaves``; None if the judge must be asked."""
        ...

    def keep(self, key: str, leaves: Sequence[Leaf], verdicts: Verdicts) -> None:
        """Keep the verdicts of a model, which hold all ``leaves``."""
        ...

    def end(self) -> Recalled:
        """Called once when the batch has its verdicts."""
        ...


class VerdictStore(Protocol):
    """Verdicts that outlive a batch."""

    def of_batch(self) -> BatchVerdicts:
        """A view for one batch."""
        ...
