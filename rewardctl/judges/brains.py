"""Judges without a language model: a brain decides by the rollout itself, and this module asks it.

A judge sees only the text of a question. A brain needs more: the other answers to the same prompt, or stored
verdicts. So :meth:`BrainJudge.prepare` gets the rollouts of a batch before they are judged.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from reward_fn.errors import JudgeFailure
from reward_fn.event.material import find_material
from reward_fn.event.parse import parse_rows
from reward_fn.judge.ask.modes import POINTWISE, inquiries
from reward_fn.judge.ask.verdict_schema import ITEM
from reward_fn.judge.base import Judge, Model, Question, Reply
from reward_fn.types.material import Material
from reward_fn.types.rollout import Rejected, Rollout
from reward_fn.types.rubric import JudgeSpec
from reward_fn.types.unscored import Reason
from reward_fn.types.verdict import Leaf


class Opinion(NamedTuple):
    """A brain's answer to a criterion, one of the criterion's allowed answers, and the evidence for it."""

    answer: str
    evidence: str = ""


class Subject(NamedTuple):
    """What a brain decides about: a rollout with its documents, and the other rollouts of its prompt in the
    batch."""

    material: Material
    siblings: Sequence[Rollout]


Brain = Callable[[Subject, Leaf], Opinion | None]
"""The opinion on one leaf; None if the brain has none, so that the rollout is unscored."""


class BrainJudge:
    """A judge that asks a brain about each leaf. Only pointwise rubrics: a brain compares nothing."""

    def __init__(self, brain: Brain, spec: JudgeSpec, name: str) -> None:
        """Raises ValueError if the rubric's mode is not pointwise."""
        if spec.mode != POINTWISE.name:
            raise ValueError(f"the judge {name} answers only definitions with mode = {POINTWISE.name!r}")
        self._brain = brain
        self._spec = spec
        self._name = name
        self._subjects: dict[str, Subject] = {}

    def prepare(self, entries: Iterable[Rollout | Rejected]) -> None:
        """Take over the rollouts of the next batch, and forget those of the last one."""
        rollouts = [entry for entry in entries if isinstance(entry, Rollout)]
        groups: dict[str, list[Rollout]] = {}
        for rollout in rollouts:
            groups.setdefault(rollout.group, []).append(rollout)
        found = ((rollout, find_material(rollout, self._spec)) for rollout in rollouts)
        materials = {rollout.index: m for rollout, m in found if isinstance(m, Material)}
        subjects = {}
        for inquiry in inquiries(list(materials.values()), self._spec):
            material = materials[inquiry.indices[0]]
            others = [r for r in groups[material.rollout.group] if r.index != material.rollout.index]
            for question in inquiry.questions:
                subjects[question.key] = Subject(material, others)
        self._subjects = subjects

    def ask(self, question: Question, model: Model, *, within_s: float | None = None) -> Reply:  # noqa: ARG002
        """The brain's opinions as a reply. Raises JudgeFailure if it has none on a leaf."""
        subject = self._subjects.get(question.key)
        opinions = {leaf: self._brain(subject, leaf) if subject else None for leaf in question.leaves}
        missing = [leaf.criterion.name for leaf, opinion in opinions.items() if opinion is None]
        if missing:
            raise JudgeFailure(Reason.CANNOT_ASSESS, f"the judge {self._name} has no verdict on {missing[0]}")
        return Reply(_content({leaf: o for leaf, o in opinions.items() if o is not None}))

    def warm(self) -> None:
        """Nothing to load."""


def prepare(judge: Judge | None, rows: Sequence[Any]) -> None:
    """Show the rows of the next batch to a judge that needs them; no-op for any other."""
    if isinstance(judge, BrainJudge):
        judge.prepare(parse_rows(rows))


def _content(opinions: Mapping[Leaf, Opinion]) -> dict[str, Any]:
    """The verdict object of :func:`reward_fn.judge.ask.verdict_schema.verdict_schema`."""
    items: dict[int, dict[str, Any]] = {}
    answer: dict[str, Any] = {}
    for (criterion, item), opinion in opinions.items():
        bare = criterion.evidence_kind == "none"
        verdict = opinion.answer if bare else {"evidence": opinion.evidence, "verdict": opinion.answer}
        if item is None:
            answer[criterion.name] = verdict
        else:
            items.setdefault(item, {ITEM: item + 1})[criterion.name] = verdict
    parts: dict[str, Any] = {"items": list(items.values())} if items else {}
    return parts | ({"answer": answer} if answer else {})
