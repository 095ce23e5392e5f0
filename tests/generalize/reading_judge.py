"""A judge that reads the question, so that another wording can change its mind, and counts its calls."""

import threading
from typing import ClassVar

from reward_fn.judge.base import Model, Question, Reply
from rewardctl.emulate.judge.material import read_material
from tests.unit.fake_judge import replied


class ReadingJudge:
    """Opened in place of the stand-in. It says yes if the response names the criterion in lower case.

    A question with the word "without" turns the answer round. ``noisy`` turns every ``noisy``-th answer
    round, counted over all calls.
    """

    noisy: ClassVar[int] = 0
    questions: ClassVar[list[Question]] = []
    _lock: ClassVar[threading.Lock] = threading.Lock()

    def ask(self, question: Question, model: Model, *, within_s: float | None = None) -> Reply:
        """A yes or a no on each criterion."""
        with self._lock:
            self.questions.append(question)
            is_noise = bool(self.noisy) and len(self.questions) % self.noisy == 0
        asked = read_material([question.static]).criteria
        answers = {}
        for leaf in question.leaves:
            name = leaf.criterion.name
            holds = name.lower() in question.variable
            turned = ("without" in asked[name].question) != is_noise
            answers[name, leaf.item] = "yes" if holds is not turned else "no"
        return replied(question, answers)

    def warm(self) -> None:
        """Nothing to load."""
