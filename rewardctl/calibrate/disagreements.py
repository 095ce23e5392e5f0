"""The questions on which judge and people differ, with the judge's evidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rewardctl.calibrate.cases import ALL_CRITERIA, Case, Part

MAX_EVIDENCE_CHARS = 400


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One case on which they differ. ``evidence`` is the judge's, shortened; ``part`` is the criterion."""

    part: str
    case: Case

    @property
    def evidence(self) -> str:
        """The judge's evidence on one line, at most MAX_EVIDENCE_CHARS long."""
        text = " ".join(self.case.answer.evidence.split())
        return text if len(text) <= MAX_EVIDENCE_CHARS else f"{text[: MAX_EVIDENCE_CHARS - 1]}…"

    def as_json(self) -> dict[str, Any]:
        """All of it for JSON."""
        case = self.case
        return {
            "part": self.part,
            "id": case.id,
            "item": case.key.item,
            "judge": case.answer.text,
            "label": "yes" if case.truth.is_yes else "no",
            "evidence": self.evidence,
            "unsupported": case.answer.unsupported,
            "boundary": case.truth.boundary,
        }


def disagreements(parts: Sequence[Part]) -> list[Disagreement]:
    """All of them: the judge's false yes first, since it is what training exploits, the surest first."""
    found = [
        Disagreement(part.name, case)
        for part in parts
        if part.name != ALL_CRITERIA
        for case in part.cases
        if case.judge_yes is not case.truth.is_yes
    ]
    return sorted(found, key=lambda each: (not each.case.judge_yes, -abs(each.case.score - each.case.at)))
