"""Count every judge call of a run where the count can't be lost."""

from reward_fn.judge.base import Judge, Model, Question, Reply
from rewardctl.runs.verdicts import RunVerdicts


class CountedJudge:
    """Passes each question on, and counts the attempt where it can't be lost."""

    def __init__(self, judge: Judge, store: RunVerdicts) -> None:
        self._judge = judge
        self._store = store

    def ask(self, question: Question, model: Model, *, within_s: float | None = None) -> Reply:
        try:
            reply = self._judge.ask(question, model, within_s=within_s)
        except BaseException:
            self._store.count(model.name, failed=1)
            raise
        self._store.count(model.name, reply=reply)
        return reply

    def warm(self) -> None:
        self._judge.warm()
