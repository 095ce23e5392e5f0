"""How far people agree with each other and with themselves: it limits what a judge can reach."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rewardctl.calibrate.answers import RowFacts
from rewardctl.calibrate.cases import OVERALL_NAME
from rewardctl.calibrate.stats.agreement import cohens_kappa
from rewardctl.calibrate.stats.alpha import krippendorffs_alpha
from rewardctl.calibrate.stats.estimate import Estimate
from rewardctl.calibrate.stats.two_by_two import Pair, wilson
from rewardctl.calibrate.truth import Labels


@dataclass(frozen=True, slots=True)
class People:
    """The agreement of labellers on one part.

    ``alpha`` is Krippendorff's among people, over ``shared`` questions. ``repeat_agreement`` is the share of
    equal answers of a person who saw a question again, ``repeat_kappa`` the same beyond chance.
    """

    part: str
    alpha: Estimate
    shared: int
    repeat_agreement: Estimate
    repeat_kappa: Estimate
    repeated: int

    def as_json(self) -> dict[str, Any]:
        """All of it for JSON."""
        return {
            "part": self.part,
            "alpha": self.alpha.as_json(),
            "shared": self.shared,
            "repeat_agreement": self.repeat_agreement.as_json(),
            "repeat_kappa": self.repeat_kappa.as_json(),
            "repeated": self.repeated,
        }


def people_of(labels: Labels, rows: Mapping[str, RowFacts]) -> list[People]:
    """The agreement of people on each part that two people labelled, or one person twice."""
    criteria = dict.fromkeys(
        key.criterion for key in (*labels.by_people, *(repeat.question for repeat in labels.repeats))
    )
    return [_people(criterion, labels, rows) for criterion in criteria]


def _people(criterion: str, labels: Labels, rows: Mapping[str, RowFacts]) -> People:
    def prompt(row: str) -> str:
        return rows[row].prompt if row in rows else row

    units = {key: answers for key, answers in labels.by_people.items() if key.criterion == criterion}
    repeats = [repeat for repeat in labels.repeats if repeat.question.criterion == criterion]
    pairs = [Pair(repeat.later, repeat.first) for repeat in repeats]
    same = sum(pair.judge == pair.label for pair in pairs)
    return People(
        part=criterion or OVERALL_NAME,
        alpha=krippendorffs_alpha(list(units.values()), [prompt(key.row) for key in units]),
        shared=len(units),
        repeat_agreement=wilson(same, len(pairs), "nothing was labelled twice by one person"),
        repeat_kappa=cohens_kappa(pairs, [prompt(repeat.question.row) for repeat in repeats]),
        repeated=len(pairs),
    )


def limit_words(people: Sequence[People]) -> list[str]:
    """One sentence for each part whose labellers disagree with themselves."""
    return [
        f"{each.part}: people gave the same answer again in {each.repeat_agreement.value:.0%} of "
        f"{each.repeated} cases; no judge can be shown to agree with them more than that"
        for each in people
        if each.repeat_agreement.value is not None and each.repeat_agreement.value < 1
    ]
