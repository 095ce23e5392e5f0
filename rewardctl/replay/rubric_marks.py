"""What a rubric asks, as short marks: two rubrics with equal marks ask a judge the same. Pure.

A run keeps the marks of its rubric in ``run.json``, so that a later definition can be compared with it after
its file was edited. What only turns verdicts into a number is left out: weights, essential criteria, the
values of a single voter's choices, and the metrics that criteria stand for. A weight's sign is kept, since
the judge sees it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reward_fn.judge.ask.modes import GROUP
from reward_fn.judge.models.catalogue import full_name
from reward_fn.text.digest import digest
from reward_fn.types.rubric import Criterion, JudgeSpec

DIGITS = 16


@dataclass(frozen=True, slots=True)
class RubricMarks:
    """``frame`` covers what all criteria share: voters, mode, documents, list, instructions. ``criteria`` has
    the mark of each criterion by its name."""

    frame: str
    criteria: Mapping[str, str]

    def as_json(self) -> dict[str, Any]:
        """The marks as ``run.json`` keeps them."""
        return {"frame": self.frame, "criteria": dict(self.criteria)}

    def changed(self, now: "RubricMarks") -> list[str]:
        """The names of the criteria that ``now`` asks and these marks do not, in order; all if the frame
        differs."""
        if self.frame != now.frame:
            return list(now.criteria)
        return [name for name, mark in now.criteria.items() if self.criteria.get(name) != mark]


def marks_of(spec: JudgeSpec) -> RubricMarks:
    """The marks of a rubric."""
    # Of several votes only the combined worth is stored, which was made with these values.
    is_combined = spec.votes > 1 or len(spec.panel) > 1 or bool(spec.escalate)
    criteria = {c.name: _mark(c, c.values if is_combined else ()) for c in spec.criteria}
    # Side by side, a rollout's place among the others depends on all that is asked.
    beside = sorted(criteria.values()) if spec.mode == GROUP.name else []
    models, panel = map(full_name, spec.models), map(full_name, spec.panel)
    escalate = full_name(spec.escalate) if spec.escalate else ""
    voters = (*models, "", *panel, "", str(spec.votes), spec.rule, escalate)
    shown = (str(spec.show_prompt), spec.items, *spec.item_fields, "", *spec.against)
    documents = (repr((document.name, document.sources)) for document in spec.documents)
    parts = (spec.mode, *voters, "", *shown, "", *documents, "", spec.instructions, *beside)
    return RubricMarks(digest(*parts)[:DIGITS], criteria)


def read_marks(value: Any) -> RubricMarks | None:
    """Marks from ``run.json``; None if it has none."""
    match value:
        case {"frame": str() as frame, "criteria": dict() as criteria}:
            return RubricMarks(frame, {str(name): str(mark) for name, mark in criteria.items()})
    return None


def _mark(criterion: Criterion, values: tuple[float, ...]) -> str:
    """The mark of what a judge sees of a criterion, of where its quotes are searched, and of ``values``."""
    texts = (criterion.name, criterion.question, criterion.scope, criterion.evidence_kind, criterion.quote_of)
    flags = (str(criterion.may_not_apply), str(criterion.weight < 0))
    examples = (text for example in criterion.examples for text in example)
    lists = (*criterion.quote_from, "", *criterion.choices, "", *examples)
    return digest(*texts, *flags, *lists, "", *map(repr, values))[:DIGITS]
