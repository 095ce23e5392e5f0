"""What each component contributed to a reward, worked out by hand from the reward formula."""

from collections.abc import Mapping
from math import fsum

import pytest

from reward_fn.score.contributions import (
    CLIP,
    ESSENTIAL,
    JUDGE_PROVOKED,
    RUBRIC_COMPONENT,
    Component,
    Rewarded,
    contributions,
    fixed_by,
)
from reward_fn.score.rubric import criterion_parts, rubric_score
from reward_fn.types.check import CheckResult
from reward_fn.types.definition import Definition
from reward_fn.types.result import Result
from reward_fn.types.unscored import Reason, Unscored
from reward_fn.types.verdict import Verdicts
from tests.unit.rubric import check_spec, criterion, definition, judge_spec, result_of, shown, verdicts

SOUND, CLEAR = criterion("Sound", 3.0), criterion("Clear", 1.0)
EXACT, TERSE = Component("score", "exact"), Component("penalty", "terse")


def rewarded(result: Result, answers: Verdicts | None = None) -> Rewarded:
    return Rewarded(result.reward, shown(result), result.gate, criterion_parts(answers or {}))


def split(
    served: Definition, answers: Verdicts | None = None, **scores: float
) -> tuple[float, Mapping[Component, float]]:
    """The reward of a rollout with these verdicts and scores of checks, and the contributions to it."""
    checks = {name: CheckResult(score) for name, score in scores.items()}
    result = result_of(served, answers, checks)
    return result.reward, contributions(rewarded(result, answers), served)


def test_scores_rubric_and_penalties_contribute_their_terms_of_the_formula() -> None:
    """The range is 2 wide, the weights are 1 and 3, and the penalty takes 0.1 * (1 - 0.5) of the range."""
    served = definition(
        judge=judge_spec(SOUND, CLEAR, weight=3.0),
        low=-1.0,
        scores=(check_spec("exact"),),
        penalties=(check_spec("terse", 0.1),),
    )
    reward, parts = split(served, verdicts((SOUND, "yes"), (CLEAR, "no")), exact=0.5, terse=0.5)
    # the rubric scores 3 of 4, all of it for Sound: 2 * 3 / 4 * 0.75
    expected = {EXACT: 2 * 0.25 * 0.5, RUBRIC_COMPONENT: 1.125, TERSE: -0.1}
    criteria = {Component("criterion", "Sound"): 1.125, Component("criterion", "Clear"): 0.0}
    assert parts == pytest.approx({**expected, **criteria})
    assert reward == pytest.approx(-1.0 + 0.25 + 1.125 - 0.1)


def test_under_minimum_the_smallest_score_takes_off_all_that_is_missing() -> None:
    served = definition(SOUND, CLEAR, scores=(check_spec("exact"),), combine="minimum")
    reward, parts = split(served, verdicts((SOUND, "yes"), (CLEAR, "no")), exact=0.5)
    assert reward == 0.5
    criteria = {Component("criterion", "Sound"): 0.0, Component("criterion", "Clear"): 0.0}
    assert parts == {EXACT: -0.5, RUBRIC_COMPONENT: 0.0, **criteria}
    # the rubric is the smaller one: 1 of 4, since Sound, worth 3 of 4, was answered no
    _, parts = split(served, verdicts((SOUND, "no"), (CLEAR, "yes")), exact=0.5)
    criteria = {Component("criterion", "Sound"): -0.75, Component("criterion", "Clear"): 0.0}
    assert parts == pytest.approx({EXACT: 0.0, RUBRIC_COMPONENT: -0.75, **criteria})


def test_equal_smallest_scores_share_what_is_missing() -> None:
    served = definition(scores=(check_spec("exact"), check_spec("other")), combine="minimum")
    _, parts = split(served, exact=0.25, other=0.25)
    assert parts == {EXACT: -0.375, Component("score", "other"): -0.375}


def test_clipping_is_a_component_of_its_own() -> None:
    served = definition(scores=(check_spec("exact"),), penalties=(check_spec("terse", 0.5),))
    reward, parts = split(served, exact=0.25, terse=0.0)
    assert reward == 0.0
    assert parts == {EXACT: 0.25, TERSE: -0.5, CLIP: 0.25}
    _, parts = split(served, exact=0.75, terse=0.0)
    assert CLIP not in parts


def test_a_failed_essential_criterion_is_a_component_of_its_own() -> None:
    key = criterion("Key", 1.0, essential=True)
    reward, parts = split(definition(SOUND, key), verdicts((SOUND, "yes"), (key, "no")))
    assert reward == 0.0
    criteria = {Component("criterion", "Sound"): 0.75, Component("criterion", "Key"): 0.0}
    assert parts == {RUBRIC_COMPONENT: 0.75, ESSENTIAL: -0.75, **criteria}


def test_a_gate_a_list_or_a_provoked_judge_replaces_the_formula() -> None:
    served = definition(SOUND)
    gate = result_of(served, settled=0.25, settled_by="json_schema")
    assert fixed_by(rewarded(gate), served) == Component("gate", "json_schema")
    provoked = result_of(served, Unscored(Reason.FILTERED))
    assert fixed_by(rewarded(provoked), served) == JUDGE_PROVOKED
    scored = result_of(served, verdicts((SOUND, "no")))
    assert fixed_by(rewarded(scored), served) is None
    unjudged = definition(scores=(check_spec("exact"),))
    assert fixed_by(rewarded(result_of(unjudged, results={"exact": CheckResult(1.0)})), unjudged) is None


@pytest.mark.parametrize("combine", ["sum", "minimum"])
def test_items_pitfalls_and_criteria_without_an_answer_add_up_to_the_rubrics_contribution(
    combine: str,
) -> None:
    pitfall = criterion("Pitfall", -2.0)
    answers = verdicts(
        (SOUND, "yes", 0), (SOUND, "no", 1), (CLEAR, "cannot_assess"), (pitfall, "yes", 0), (pitfall, "no", 1)
    )
    parts = criterion_parts(answers)
    # Sound earns 1.5 of 3, Pitfall takes 1 of them; Clear, without an answer, is no part
    assert {name: tuple(part) for name, part in parts.items()} == {
        "Sound": pytest.approx((0.5, 1.0)),
        "Pitfall": pytest.approx((-1 / 3, 0.0)),
    }
    assert fsum(part.earned for part in parts.values()) == pytest.approx(rubric_score(answers).score)
    served = definition(SOUND, CLEAR, pitfall, combine=combine)
    _, contributed = split(served, answers)
    criteria = fsum(value for (role, _), value in contributed.items() if role == "criterion")
    assert criteria == pytest.approx(contributed[RUBRIC_COMPONENT])


def test_a_rubric_in_which_nothing_can_be_earned_has_no_parts() -> None:
    assert criterion_parts(verdicts((criterion("Pitfall", -1.0), "yes"))) == {}
    assert criterion_parts({}) == {}
