"""The verdicts in records, for a definition that may have changed since."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reward_fn.judge.ask.modes import GROUP, mode_of
from reward_fn.judge.ask.verdict_schema import leaves_of
from reward_fn.judge.vote.panel import escalation_voter, voters
from reward_fn.types.definition import Definition
from reward_fn.types.material import Material
from reward_fn.types.rubric import UNSCORED_CLASSES, JudgeSpec
from reward_fn.types.verdict import Judged, Leaf, Verdict, Verdicts, Vote
from rewardctl.explain.recorded import asked_criteria
from rewardctl.replay.rubric_marks import RubricMarks, marks_of
from rewardctl.runs.records import Record


@dataclass(frozen=True, slots=True)
class StoredVerdicts:
    """Verdicts of a run that a definition of that ``version`` scored, whose rubric had ``marks``.

    ``source`` names the run. ``marks`` are None if the definition had no rubric.
    """

    source: str
    version: str
    marks: RubricMarks | None

    def reader(self, definition: Definition) -> "VerdictReader":
        """Reads what the definition can use of the verdicts."""
        return VerdictReader(self, definition)


class VerdictReader:
    """Reads the verdicts of records whose questions a definition still asks, word for word.

    A judge answers all criteria in one call, so a rollout's verdicts are kept if every criterion is there and
    unchanged; otherwise its whole question is new. A criterion that was dropped leaves the others as they
    are. A record that another version scored has answers to questions that are not known here, so its
    question is new too.
    """

    def __init__(self, stored: StoredVerdicts, definition: Definition) -> None:
        marks = stored.marks
        self._version = stored.version
        self._spec = definition.judge
        now = marks_of(definition.judge) if definition.judge else None
        self.changed = [] if now is None else list(now.criteria) if marks is None else marks.changed(now)
        self.why = _why(marks, now, self.changed)

    def outcome(self, record: Record, material: Material) -> Judged | None:
        """The stored verdicts on a rollout; None if its question is new, or was never answered."""
        spec = self._spec
        if spec is None or self.changed or record.get("definition_version") != self._version:
            return None
        if not record.get("verdicts"):
            return None
        verdicts = _verdicts(record["verdicts"], material, combined=_is_combined(spec))
        if verdicts is None:
            return None
        metrics = {metric["name"]: metric["value"] for metric in record.get("metrics") or ()}
        flips = metrics.get("order_flips")
        return Judged(
            verdicts,
            agreement=float(metrics.get("judge_agreement", 1.0)),
            escalated=bool(metrics.get("escalated", 0.0)),
            flips=None if flips is None else int(flips),
            votes=tuple(_votes(record, material)),
        )


def _why(marks: RubricMarks | None, now: RubricMarks | None, changed: Sequence[str]) -> str:
    """Why no stored verdict can be used; "" if some can."""
    if now is None or not changed:
        return ""
    if marks is None:
        return "the run has no rubric"
    if marks.frame != now.frame:
        return "another judge, or other documents or instructions"
    return f"new or changed: {', '.join(changed)}"


def _is_combined(spec: JudgeSpec) -> bool:
    """Whether a verdict was made of several answers, so that its worth is not the answer's own."""
    return len(voters(spec)) > 1 or escalation_voter(spec) is not None or mode_of(spec).questions > 1


def _votes(record: Record, material: Material) -> Iterator[Vote]:
    for vote in record.get("votes") or ():
        verdicts = _verdicts(vote["verdicts"], material, combined=False)
        if verdicts is not None:
            yield Vote(str(vote["model"]), verdicts)


def _verdicts(entries: Any, material: Material, *, combined: bool) -> Verdicts | None:
    """The verdicts on all leaves of a rollout's question; None if one is missing or not on the menu."""
    by_place = {(entry["criterion"], entry.get("item")): entry for entry in entries}
    verdicts: dict[Leaf, Verdict] = {}
    for leaf in _leaves(material):
        entry = by_place.get((leaf.criterion.name, leaf.item))
        verdict = _verdict(entry, leaf, combined=combined) if entry else None
        if verdict is not None:
            verdicts[leaf] = verdict
        elif not leaf.criterion.relative:
            return None
    return verdicts


def _leaves(material: Material) -> tuple[Leaf, ...]:
    criteria = asked_criteria(material.spec)
    if material.spec.mode == GROUP.name:
        return tuple(map(Leaf, criteria))
    return leaves_of(criteria, len(material.items or ()))


def _verdict(entry: Mapping[str, Any], leaf: Leaf, *, combined: bool) -> Verdict | None:
    answer, worth = str(entry["answer"]), entry.get("worth")
    on_menu = answer in leaf.criterion.worth
    if not (on_menu or (combined and worth is not None)) or (
        worth is None and answer not in UNSCORED_CLASSES
    ):
        return None
    share = float(worth) if combined and worth is not None else None
    return Verdict(answer, entry.get("evidence") or "", bool(entry.get("unsupported")), share)
