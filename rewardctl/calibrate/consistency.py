"""Whether a judge answers the same again: repeated runs of one judge on the same rollouts."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from rewardctl.calibrate.answers import Key
from rewardctl.calibrate.cases import Part
from rewardctl.calibrate.stats.estimate import Estimate
from rewardctl.calibrate.stats.two_by_two import wilson


@dataclass(frozen=True, slots=True)
class Consistency:
    """Equal answers over ``runs`` runs of a judge to the labelled questions of one part.

    ``agreement`` is the share of pairs of runs and questions with the same yes or no; ``flipped`` counts
    questions that got both.
    """

    part: str
    runs: int
    questions: int
    flipped: int
    agreement: Estimate

    def as_json(self) -> dict[str, Any]:
        """All of it for JSON."""
        counts = {"runs": self.runs, "questions": self.questions, "flipped": self.flipped}
        return {"part": self.part, **counts, "agreement": self.agreement.as_json()}


def consistency(runs: Sequence[Sequence[Part]]) -> list[Consistency]:
    """The consistency of each part that the first run has; ``runs`` are the parts of each run, two or more.

    The interval is Wilson's over the questions: the pairs of one question are not independent.
    """
    return [_of_part(part.name, [_answers(parts, part.name) for parts in runs]) for part in runs[0]]


def _answers(parts: Sequence[Part], name: str) -> dict[Key, bool]:
    return {case.key: case.judge_yes for part in parts if part.name == name for case in part.cases}


def _of_part(name: str, runs: Sequence[dict[Key, bool]]) -> Consistency:
    shared = [key for key in runs[0] if all(key in run for run in runs[1:])]
    pairs = list(combinations(runs, 2))
    same = sum(one[key] == two[key] for one, two in pairs for key in shared)
    flipped = sum(len({run[key] for run in runs}) > 1 for key in shared)
    agreement = wilson(len(shared) - flipped, len(shared), "the runs have no answered question in common")
    if len(pairs) > 1 and agreement.value is not None and agreement.interval is not None:
        value = same / (len(pairs) * len(shared))
        low, high = min(agreement.interval.low, value), max(agreement.interval.high, value)
        agreement = Estimate(value, type(agreement.interval)(low, high))
    return Consistency(name, len(runs), len(shared), flipped, agreement)
