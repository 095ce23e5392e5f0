"""A labelling session: which question comes next, and what is written after each answer."""

import math
import random
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from reward_fn.types.rubric import VerdictClass
from reward_fn.types.verdict import Leaf
from rewardctl.labels.label import OVERALL, WITHDRAWN, Judgement, Label
from rewardctl.labels.subjects import Subject

REPEAT_SHARE = 0.1
"""The share of rollouts that are shown twice. Their labels tell how far a labeller agrees with themselves."""

_ANSWER_KEYS = {
    VerdictClass.YES: "y",
    VerdictClass.NO: "n",
    VerdictClass.CANNOT_ASSESS: "c",
    VerdictClass.NOT_APPLICABLE: "x",
}
_WORTH = {VerdictClass.YES.value: 1.0, VerdictClass.NO.value: 0.0}


class Task(NamedTuple):
    """One question about one rollout; ``repeat`` counts its earlier showings to the same person."""

    subject: Subject
    leaf: Leaf
    repeat: int

    @property
    def place(self) -> tuple[str, str, int | None, int]:
        """The row, criterion, item and showing: what a judgement must have to answer this task."""
        return self.subject.key, self.leaf.criterion.name, self.leaf.item, self.repeat


class Progress(NamedTuple):
    """``done`` of ``total`` questions are answered, ``skipped`` were passed over in this session."""

    done: int
    total: int
    skipped: int


def plan(subjects: Sequence[Subject], seed: int) -> list[Task]:
    """The tasks in order: every question of every rollout, then a tenth of the rollouts again.

    The repeated rollouts depend only on the ids and the seed. A single rollout is not repeated.
    """
    count = math.ceil(REPEAT_SHARE * len(subjects)) if len(subjects) > 1 else 0
    repeated = set(random.Random(seed).sample(sorted(subject.key for subject in subjects), count))
    again = [subject for subject in subjects if subject.key in repeated]
    rounds = ((subjects, 0), (again, 1))
    return [Task(s, leaf, repeat) for part, repeat in rounds for s in part for leaf in s.leaves]


def answer_keys(task: Task) -> dict[str, str]:
    """The answers to a task by the key that gives them: y, n, c, x, and 1 to 9 and 0 for choices."""
    criterion = task.leaf.criterion
    digits = {choice: str((number + 1) % 10) for number, choice in enumerate(criterion.choices)}
    keys = {**digits, **{answer.value: key for answer, key in _ANSWER_KEYS.items()}}
    allowed = [answer for answer in map(str, criterion.worth) if answer in keys]
    if criterion.name == OVERALL:
        allowed.remove(VerdictClass.CANNOT_ASSESS.value)
    return {keys[answer]: answer for answer in allowed}


class Session:
    """The state of one labeller's work on ``tasks``.

    Answers of ``judgements`` that are the labeller's count as given, so that a session can be resumed.
    ``write`` stores one label and may raise; the session then stays where it is. ``now`` returns an ISO time.
    """

    def __init__(
        self,
        tasks: Sequence[Task],
        labeller: str,
        judgements: Iterable[Judgement],
        write: Callable[[Label], None],
        now: Callable[[], str],
    ) -> None:
        self.labeller = labeller
        self.boundary = False
        self._tasks = tasks
        self._write = write
        self._now = now
        self._done = {(j.row, j.criterion, j.item, j.repeat) for j in judgements if j.labeller == labeller}
        self._skipped: set[int] = set()
        self._history: list[int] = []
        self._at = 0
        self._go_on()

    @property
    def current(self) -> Task | None:
        """The question to answer now, None at the end."""
        return self._tasks[self._at] if self._at < len(self._tasks) else None

    @property
    def progress(self) -> Progress:
        """The counts so far."""
        done = sum(task.place in self._done for task in self._tasks)
        return Progress(done, len(self._tasks), len(self._skipped))

    def answer(self, answer: str) -> None:
        """Store an answer to the current question and go on."""
        if task := self.current:
            self._write(self._label(task, answer))
            self._done.add(task.place)
            self._leave()

    def skip(self) -> None:
        """Pass the current question over; it comes again in the next session."""
        if self.current:
            self._skipped.add(self._at)
            self._leave()

    def undo(self) -> bool:
        """Go back to the last question of this session and take its answer back; False if there is none."""
        if not self._history:
            return False
        at = self._history[-1]
        task = self._tasks[at]
        if task.place in self._done:
            self._write(self._label(task, WITHDRAWN))
            self._done.remove(task.place)
        self._history.pop()
        self._skipped.discard(at)
        self._at, self.boundary = at, False
        return True

    def _leave(self) -> None:
        self._history.append(self._at)
        self._at += 1
        self.boundary = False
        self._go_on()

    def _go_on(self) -> None:
        """Move to the first question from here on that has no answer."""
        while (task := self.current) and task.place in self._done:
            self._at += 1

    def _label(self, task: Task, answer: str) -> Label:
        name, item = task.leaf.criterion.name, task.leaf.item
        answers = {name: answer} if name != OVERALL else {}
        return Label(
            id=task.subject.rollout.id,
            labeller=self.labeller,
            labels=answers if item is None else {},
            items={} if item is None else {item: answers},
            overall=_WORTH.get(answer) if name == OVERALL else None,
            repeat=task.repeat,
            boundary=self.boundary and answer != WITHDRAWN,
            at=self._now(),
            withdraws_overall=name == OVERALL and answer == WITHDRAWN,
        )
