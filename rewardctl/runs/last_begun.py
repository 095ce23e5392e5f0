"""Notice when a batch has begun its last judge call, so that the next batch can use the calls that end."""

import threading
from collections.abc import Iterable, Sequence

from reward_fn.judge.base import Model, Question
from reward_fn.judge.cache.base import BatchVerdicts, VerdictStore
from reward_fn.judge.vote.panel import Voter
from reward_fn.types.usage import Recalled
from reward_fn.types.verdict import Leaf, Verdicts


class LastBegun:
    """The verdict store of one batch, which passes everything on to ``store``.

    It sets ``event`` once each question that the batch asks of the first ``voters`` was looked up, which
    happens just before its call. Questions that may not be asked at all, as those about single rollouts in
    the mode "group", keep the event from being set.
    """

    def __init__(self, store: VerdictStore, voters: Sequence[Voter], event: threading.Event) -> None:
        self._batch: BatchVerdicts = store.of_batch()
        self._voters = {(voter.models[0].name, voter.vote) for voter in voters}
        self._event = event
        self._lock = threading.Lock()
        self._waiting: set[str] = set()

    def of_batch(self) -> "LastBegun":
        """This view: it serves one batch."""
        return self

    def key(self, question: Question, model: Model, vote: int) -> str:
        """The key of a question to a model."""
        return self._batch.key(question, model, vote)

    def look_up(self, questions: Iterable[tuple[Question, Model, int]], within_s: float) -> None:
        """Remember which questions are to be asked."""
        every = list(questions)
        self._waiting = {
            self.key(question, model, vote)
            for question, model, vote in every
            if (model.name, vote) in self._voters
        }
        self._batch.look_up(every, within_s)

    def find(self, key: str, leaves: Sequence[Leaf]) -> Verdicts | None:
        """The verdicts kept under ``key``; sets the event if it is the last one."""
        with self._lock:
            self._waiting.discard(key)
            if not self._waiting:
                self._event.set()
        return self._batch.find(key, leaves)

    def keep(self, key: str, leaves: Sequence[Leaf], verdicts: Verdicts) -> None:
        """Keep the verdicts of a model."""
        self._batch.keep(key, leaves, verdicts)

    def end(self) -> Recalled:
        """Called once when the batch has its verdicts."""
        return self._batch.end()
