"""A fake at our own seam, :class:`reward_fn.judge.base.Judge`: it records what was asked and how often."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reward_fn.judge.ask.verdict_schema import ITEM
from reward_fn.judge.base import Model, Question, Reply
from reward_fn.text.quotes import quote_stands_in
from reward_fn.types.verdict import Leaf

QUESTION_TEXT = "Does the answer hold what it should hold?"

Step = Reply | BaseException
"""What one attempt comes to: a reply, or an exception that it raises."""

Answer = Callable[[Question, Model], Step]


@dataclass(frozen=True, slots=True)
class Asked:
    """One attempt as the judge saw it."""

    question: Question
    model_id: str
    within_s: float | None = None


class FakeJudge:
    """Answers by ``answer``, by default yes to everything. ``most_at_once`` is measured, not assumed."""

    def __init__(self, answer: Answer | None = None) -> None:
        self.asked: list[Asked] = []
        self.most_at_once = 0
        self.warmed = 0
        self._answer: Answer = answer or all_yes
        self._at_once = 0
        self._lock = threading.Lock()

    def ask(self, question: Question, model: Model, *, within_s: float | None = None) -> Reply:
        """One attempt; raises what ``answer`` gave, where that is an exception."""
        with self._lock:
            self.asked.append(Asked(question, model.model_id, within_s))
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            step = self._answer(question, model)
        finally:
            with self._lock:
                self._at_once -= 1
        if isinstance(step, BaseException):
            raise step
        return step

    def warm(self) -> None:
        """Count it."""
        self.warmed += 1

    @property
    def models(self) -> list[str]:
        """The model of each attempt, in order."""
        return [asked.model_id for asked in self.asked]


class Script:
    """An ``answer`` that gives one step after another, and the last one for ever."""

    def __init__(self, *steps: Step | Answer) -> None:
        self._steps: Sequence[Step | Answer] = steps
        self._next = 0
        self._lock = threading.Lock()

    def __call__(self, question: Question, model: Model) -> Step:
        with self._lock:
            step = self._steps[min(self._next, len(self._steps) - 1)]
            self._next += 1
        return step(question, model) if callable(step) else step


def all_yes(question: Question, _model: Model | None = None) -> Reply:
    """A complete reply with yes everywhere, quoting a document where the criterion asks for a quote."""
    return replied(question, {})


def replied(question: Question, answers: Mapping[tuple[str, int | None], str]) -> Reply:
    """A complete reply: ``answers`` by (criterion, item from 0 or None), yes for all that it leaves out."""
    return Reply(content(question, answers), input_tokens=100, output_tokens=10)


def content(question: Question, answers: Mapping[tuple[str, int | None], str]) -> dict[str, Any]:
    """The verdict object of :func:`replied`."""
    items: dict[int, dict[str, Any]] = {}
    answer: dict[str, Any] = {}
    for leaf in question.leaves:
        level = answer if leaf.item is None else items.setdefault(leaf.item, {ITEM: leaf.item + 1})
        verdict = answers.get((leaf.criterion.name, leaf.item), "yes")
        bare = leaf.criterion.evidence_kind == "none"
        level[leaf.criterion.name] = (
            verdict if bare else {"evidence": evidence(question, leaf), "verdict": verdict}
        )
    return {**({"items": list(items.values())} if items else {}), **({"answer": answer} if answer else {})}


def evidence(question: Question, leaf: Leaf) -> str:
    """What serves the writer: the item's own passage where that is asked for and stands in a document, else
    the beginning of the first document that the criterion quotes from, in whole words."""
    texts = [question.documents[name] for name in leaf.criterion.quote_from if name in question.documents]
    if leaf.item is not None and leaf.criterion.quote_of:
        passage = str(question.items[leaf.item].get(leaf.criterion.quote_of))
        if any(quote_stands_in(passage, text) for text in texts):
            return passage
    return texts[0][:60].rpartition(" ")[0] or texts[0][:60] if texts else "as the answer says"


def no_wait(_low: float, _high: float) -> float:
    """Jitter by which retries wait for 0 s."""
    return 0.0
