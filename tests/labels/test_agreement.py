"""Raw agreement and kappa, by hand."""

import pytest

from rewardctl.labels.agreement import cohens_kappa, mutual_agreement, rows_apart, self_agreement
from rewardctl.labels.label import Judgement
from tests.labels.making import judged


def series(answers: str, *, labeller: str = "ann", repeat: int = 0) -> list[Judgement]:
    """One judgement for each letter, y or n, of the rows r0, r1, …"""
    words = {"y": "yes", "n": "no", "c": "cannot_assess"}
    return [
        judged(f"r{place}", words[letter], labeller=labeller, repeat=repeat)
        for place, letter in enumerate(answers)
    ]


@pytest.mark.parametrize(
    ("first", "second", "kappa"),
    [
        # 3 of 4 equal; by chance 1/2 * 3/4 + 1/2 * 1/4 = 1/2; (3/4 - 1/2) / (1/2)
        ("yynn", "yyny", 0.5),
        ("yynn", "yynn", 1.0),
        ("yynn", "nnyy", -1.0),
        # 2 of 4 equal; by chance 1/2 * 1/2 + 1/2 * 1/2 = 1/2
        ("yynn", "ynyn", 0.0),
        # 4 of 5 equal; by chance 2/5 * 3/5 + 2/5 * 1/5 + 1/5 * 1/5 = 9/25; (20 - 9) / (25 - 9)
        ("yyncn", "yyycn", 11 / 16),
        # one answer throughout: everything agrees, and chance alone would do the same
        ("yyyy", "yyyy", None),
        ("", "", None),
    ],
)
def test_kappa_corrects_the_raw_agreement_for_chance(first: str, second: str, kappa: float | None) -> None:
    result = cohens_kappa(list(zip(first, second, strict=True)))
    assert result == (kappa if kappa is None else pytest.approx(kappa, abs=1e-12))


def test_a_labeller_is_compared_with_their_own_second_showing() -> None:
    (agreement,) = self_agreement(series("yynn") + series("yyy", repeat=1))
    assert (agreement.first, agreement.second) == ("ann", "ann")
    assert (agreement.pairs, agreement.same, agreement.share) == (3, 2, 2 / 3)


def test_two_labellers_are_compared_on_their_first_showings() -> None:
    given = series("yyn") + series("ynn", labeller="bob") + series("nnn", labeller="bob", repeat=1)
    (agreement,) = mutual_agreement(given)
    assert (agreement.first, agreement.second, agreement.pairs, agreement.same) == ("ann", "bob", 3, 2)


def test_three_labellers_make_three_pairs_and_criteria_stay_apart() -> None:
    given = [
        judged("r", "yes", labeller=labeller, criterion=criterion)
        for labeller in ("ann", "bob", "cho")
        for criterion in ("Clear", "Kind")
    ]
    compared = [(each.criterion, each.first, each.second) for each in mutual_agreement(given)]
    pairs = [("ann", "bob"), ("ann", "cho"), ("bob", "cho")]
    assert compared == [(criterion, *pair) for criterion in ("Clear", "Kind") for pair in pairs]


def test_boundary_cases_are_counted_apart() -> None:
    given = [
        *series("yy"),
        judged("r0", "no", labeller="bob", boundary=True),
        judged("r1", "yes", labeller="bob"),
    ]
    (agreement,) = mutual_agreement(given)
    assert (agreement.pairs, agreement.same, agreement.boundary) == (1, 1, 1)


def test_labellers_without_a_row_in_common_are_not_compared() -> None:
    assert mutual_agreement([judged("a", "yes"), judged("b", "yes", labeller="bob")]) == []
    assert self_agreement(series("yn")) == []


def test_rows_are_apart_if_any_two_labels_differ_or_one_is_marked() -> None:
    given = [
        *(judged("same", "yes"), judged("same", "yes", labeller="bob")),
        *(judged("people", "yes"), judged("people", "no", labeller="bob")),
        *(judged("showings", "yes"), judged("showings", "no", repeat=1)),
        judged("marked", "yes", boundary=True),
        *(judged("criteria", "yes"), judged("criteria", "no", criterion="Kind")),
    ]
    assert rows_apart(given) == {"people", "showings", "marked"}
