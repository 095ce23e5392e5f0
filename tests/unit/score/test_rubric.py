"""A rubric's score, coverage and completeness, each worked out by hand from a few verdicts."""

import pytest

from reward_fn.score.rubric import rubric_score
from reward_fn.types.rubric import Criterion
from tests.unit.rubric import criterion, verdicts

A, B = criterion("A", 2.0), criterion("B", 1.0)
PITFALL = criterion("Pitfall", -1.0)
ESSENTIAL = criterion("Essential", 1.0, essential=True)
OPTIONAL = criterion("Optional", 4.0, may_not_apply=True)
PLACE = criterion("Place", 3.0, choices=("worst", "best"), relative=True)


def test_a_criterion_that_does_not_apply_counts_for_nothing_and_the_next_ones_count() -> None:
    score = rubric_score(verdicts((OPTIONAL, "not_applicable"), (A, "yes"), (B, "no")))
    assert [score.score, score.coverage] == pytest.approx([2 / 3, 1.0])


def test_a_place_among_others_earns_its_weight_and_covers_nothing() -> None:
    """Answered is 2 of the 3 that A and B weigh. Earned is 2 for A and 3 for the place, of 2 and 3."""
    score = rubric_score(verdicts((A, "yes"), (B, "cannot_assess"), (PLACE, "best")))
    assert [score.score, score.coverage] == pytest.approx([1.0, 2 / 3])


@pytest.mark.parametrize("key", [ESSENTIAL, PITFALL])
def test_a_key_criterion_without_an_answer_is_missing_whatever_is_open_after_it(key: Criterion) -> None:
    answers = verdicts((key, "cannot_assess"), (A, "yes"), (OPTIONAL, "yes"), (B, "cannot_assess"))
    score = rubric_score(answers)
    assert score.coverage == 6 / 8
    assert not score.complete


def test_an_open_criterion_that_is_neither_essential_nor_a_pitfall_leaves_the_score_complete() -> None:
    free = criterion("Free", 0.0)
    assert rubric_score(verdicts((A, "yes"), (B, "cannot_assess"), (free, "cannot_assess"))).complete


def test_an_essential_criterion_has_failed_whatever_is_answered_after_it() -> None:
    assert rubric_score(verdicts((ESSENTIAL, "no"), (A, "yes"))).essential_failed
    assert not rubric_score(verdicts((ESSENTIAL, "yes"), (A, "no"))).essential_failed


def test_without_anything_that_applies_nothing_is_covered_earned_or_complete() -> None:
    score = rubric_score(verdicts((OPTIONAL, "not_applicable")))
    assert (score.score, score.coverage, score.complete) == (0.0, 0.0, False)


def test_pitfalls_alone_earn_nothing_and_are_not_complete() -> None:
    score = rubric_score(verdicts((PITFALL, "no")))
    assert (score.score, score.coverage, score.complete) == (0.0, 1.0, False)
