"""How far people agree with themselves and with each other. Pure.

Agreement of a labeller with themselves caps the kappa that a judge can reach against their labels.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from rewardctl.labels.label import Judgement

Place = tuple[str, int | None]
"""A row and an item."""


class Agreement(NamedTuple):
    """Two series of labels on one criterion.

    ``first`` and ``second`` name the labellers; they are equal for one person's two showings. ``pairs`` is
    the number of places that both labelled, ``same`` of them alike. ``kappa`` in [-1, 1] is None if it is
    undefined: without a pair, or if both gave one and the same answer throughout. ``boundary`` counts the
    pairs that were left out because one of the two marked a boundary case.
    """

    criterion: str
    first: str
    second: str
    pairs: int
    same: int
    kappa: float | None
    boundary: int

    @property
    def share(self) -> float | None:
        """The raw agreement in [0, 1], None without a pair."""
        return self.same / self.pairs if self.pairs else None


def cohens_kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Cohen's kappa of paired answers, (p_o - p_e) / (1 - p_e); None where it is undefined.

    p_o is the share of equal pairs; p_e is the sum over all answers of the product of the two series' shares
    of that answer, which assumes that the two label independently. Source: J. Cohen, A coefficient of
    agreement for nominal scales, 1960.
    """
    if not pairs:
        return None
    count = len(pairs)
    observed = sum(first == second for first, second in pairs)
    firsts, seconds = Counter(first for first, _ in pairs), Counter(second for _, second in pairs)
    by_chance = sum(firsts[answer] * seconds[answer] for answer in firsts)  # p_e * count²
    if by_chance == count * count:
        return None
    return (observed * count - by_chance) / (count * count - by_chance)


def self_agreement(judgements: Iterable[Judgement]) -> list[Agreement]:
    """Each labeller's first against their second showing, by criterion."""
    series = _series(judgements)
    people = sorted({(criterion, labeller) for criterion, labeller, _ in series})
    agreements = [_compared(series, (*person, 0), (*person, 1)) for person in people]
    return [agreement for agreement in agreements if agreement.pairs or agreement.boundary]


def mutual_agreement(judgements: Iterable[Judgement]) -> list[Agreement]:
    """Each pair of labellers on their first showings, by criterion."""
    series = _series(judgements)
    people: dict[str, set[str]] = defaultdict(set)
    for criterion, labeller, _ in series:
        people[criterion].add(labeller)
    agreements = [
        _compared(series, (criterion, first, 0), (criterion, second, 0))
        for criterion in sorted(people)
        for first, second in combinations(sorted(people[criterion]), 2)
    ]
    return [agreement for agreement in agreements if agreement.pairs or agreement.boundary]


def rows_apart(judgements: Iterable[Judgement]) -> set[str]:
    """The rows on which people differ, from each other or from themselves, or that one marked as boundary."""
    answers: dict[tuple[str, str, int | None], set[str]] = defaultdict(set)
    apart = set()
    for judgement in judgements:
        answers[judgement.row, judgement.criterion, judgement.item].add(_answer(judgement))
        if judgement.boundary:
            apart.add(judgement.row)
    return apart | {row for (row, _, _), values in answers.items() if len(values) > 1}


_Series = Mapping[tuple[str, str, int], Mapping[Place, Judgement]]


def _series(judgements: Iterable[Judgement]) -> _Series:
    """The judgements of each criterion, labeller and showing, by place."""
    series: dict[tuple[str, str, int], dict[Place, Judgement]] = defaultdict(dict)
    for judgement in judgements:
        key = judgement.criterion, judgement.labeller, judgement.repeat
        series[key][judgement.row, judgement.item] = judgement
    return series


def _compared(series: _Series, one: tuple[str, str, int], other: tuple[str, str, int]) -> Agreement:
    common = list(_common(series.get(one, {}), series.get(other, {})))
    pairs = [(_answer(a), _answer(b)) for a, b in common if not (a.boundary or b.boundary)]
    same = sum(a == b for a, b in pairs)
    return Agreement(
        one[0], one[1], other[1], len(pairs), same, cohens_kappa(pairs), len(common) - len(pairs)
    )


def _common(
    one: Mapping[Place, Judgement], other: Mapping[Place, Judgement]
) -> Iterator[tuple[Judgement, Judgement]]:
    for place, judgement in one.items():
        if place in other:
            yield judgement, other[place]


def _answer(judgement: Judgement) -> str:
    return judgement.answer if judgement.worth is None else f"{judgement.worth:g}"
