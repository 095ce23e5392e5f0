"""Count every judge call of a run where the count can't be lost."""

import sqlite3

from reward_fn.errors import JudgeFailure
from reward_fn.judge.base import Judge, Model, Question, Reply
from reward_fn.types.unscored import Reason
from rewardctl.runs.verdicts import RunVerdicts


class CountedJudge:
    """Passes each question on, and counts the attempt in the run's file.

    Once that file can't be written, as on a full disk, no call is made: its verdict could not be kept.
    """

    def __init__(self, judge: Judge, store: RunVerdicts) -> None:
        self._judge = judge
        self._store = store

    def ask(self, question: Question, model: Model, *, within_s: float | None = None) -> Reply:
        """The judge's reply. Raises JudgeFailure."""
        if self._store.failure:
            raise JudgeFailure(Reason.INTERNAL_ERROR, "the run folder can't be written", final=True)
        try:
            reply = self._judge.ask(question, model, within_s=within_s)
        except BaseException:
            self._count(model, None)
            raise
        self._count(model, reply)
        return reply

    def _count(self, model: Model, reply: Reply | None) -> None:
        try:
            self._store.count(model.name, failed=int(reply is None), reply=reply)
        except sqlite3.Error:
            """The store remembers it, and the batch ends the run."""

    def warm(self) -> None:
        """Load what the first call would load."""
        self._judge.warm()
