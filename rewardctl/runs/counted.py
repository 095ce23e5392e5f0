"""Count every judge call of a run where the count can't be lost."""

import sqlite3
import threading

from reward_fn.errors import JudgeFailure
from reward_fn.judge.base import Judge, Model, Question, Reply
from reward_fn.types.unscored import Reason
from rewardctl.runs.verdicts import RunVerdicts


class CountedJudge:
    """Passes questions on, at most ``most_at_once`` at a time, and counts each attempt in the run's file.

    Once that file can't be written, as on a full disk, no call is made: its verdict could not be kept. Nor is
    one made after :meth:`stop`.
    """

    def __init__(self, judge: Judge, store: RunVerdicts, most_at_once: int) -> None:
        self._judge = judge
        self._store = store
        self._slots = threading.Semaphore(most_at_once)
        self._is_stopped = False

    def ask(self, question: Question, model: Model, *, within_s: float | None = None) -> Reply:
        """The judge's reply. Raises JudgeFailure."""
        with self._slots:
            if self._is_stopped or self._store.failure:
                raise JudgeFailure(Reason.INTERNAL_ERROR, "the run has ended", final=True)
            try:
                reply = self._judge.ask(question, model, within_s=within_s)
            except BaseException:
                self._count(model, None)
                raise
            self._count(model, reply)
            return reply

    def stop(self) -> None:
        """Begin no further call."""
        self._is_stopped = True

    def warm(self) -> None:
        """Load what the first call would load."""
        self._judge.warm()

    def _count(self, model: Model, reply: Reply | None) -> None:
        try:
            self._store.count(model.name, failed=int(reply is None), reply=reply)
        except sqlite3.Error:
            """The store remembers it, and the batch ends the run."""
