"""Several voters, one verdict: each rule by hand, ties and missing votes among them."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reward_fn.judge.models.catalogue import Structure
from reward_fn.judge.vote.panel import (
    SAMPLING_TEMPERATURE,
    agreement,
    combined,
    escalation_voter,
    leaves_in_doubt,
    models_of,
    voters,
)
from reward_fn.types.verdict import Leaf, Verdict, Verdicts
from tests.unit.rubric import criterion, judge_spec

YES_NO = Leaf(criterion("Sound", may_not_apply=True))
GRADED = Leaf(criterion("Clear", choices=("bad", "fair", "good")))
PITFALL = Leaf(criterion("Padded", weight=-0.5))
UNSUPPORTED = Verdict("no", "made up", unsupported=True)


def ballots(leaf: Leaf, answers: Sequence[str]) -> list[Verdicts]:
    return [{leaf: Verdict(answer, f"by {i}")} for i, answer in enumerate(answers)]


def decided(leaf: Leaf, answers: str, rule: str = "majority") -> Verdict:
    return combined(ballots(leaf, answers.split()), rule)[leaf]


@pytest.mark.parametrize(
    ("answers", "majority", "unanimous"),
    [
        ("yes yes yes", "yes", "yes"),
        ("yes yes no", "yes", "no"),
        ("yes no no", "no", "no"),
        ("yes no", "no", "no"),  # a tie is the worse of the two
        ("yes yes no no", "no", "no"),
        ("yes yes yes no", "yes", "no"),
        # who can't assess does not vote, but two of three is still needed for a yes
        ("yes yes cannot_assess", "yes", "yes"),
        ("yes no cannot_assess", "no", "no"),
        ("yes cannot_assess", "cannot_assess", "cannot_assess"),
        ("yes cannot_assess cannot_assess", "cannot_assess", "cannot_assess"),
        ("yes not_applicable not_applicable", "not_applicable", "not_applicable"),
        ("yes cannot_assess not_applicable", "cannot_assess", "cannot_assess"),
        ("yes not_applicable", "not_applicable", "not_applicable"),  # half of the votes are enough
        ("yes yes cannot_assess not_applicable", "cannot_assess", "cannot_assess"),  # half have no value
    ],
)
def test_yes_and_no_are_put_together(answers: str, majority: str, unanimous: str) -> None:
    assert decided(YES_NO, answers).answer == majority
    assert decided(YES_NO, answers, "unanimous").answer == unanimous


@pytest.mark.parametrize(
    ("answers", "majority", "unanimous", "mean"),
    [
        ("yes no", "yes", "yes", 0.5),  # fallen into it or not: the worse of the two
        ("yes no no", "no", "yes", 1 / 3),
        ("no no", "no", "no", 0.0),
        ("no cannot_assess no", "no", "no", 0.0),
    ],
)
def test_of_a_pitfall_the_worse_is_a_yes(answers: str, majority: str, unanimous: str, mean: float) -> None:
    assert decided(PITFALL, answers).answer == majority
    assert decided(PITFALL, answers, "unanimous").answer == unanimous
    assert PITFALL.value(decided(PITFALL, answers, "mean")) == pytest.approx(mean)


@pytest.mark.parametrize(
    ("answers", "majority", "unanimous", "mean"),
    [
        ("good good bad", "good", "bad", 2 / 3),
        ("good fair bad", "fair", "bad", 0.5),
        ("good fair", "fair", "fair", 0.75),
        ("good good fair fair", "fair", "fair", 0.75),
        ("good cannot_assess fair", "fair", "fair", 0.75),
    ],
)
def test_choices_are_put_together(answers: str, majority: str, unanimous: str, mean: float) -> None:
    assert decided(GRADED, answers).answer == majority
    assert decided(GRADED, answers, "unanimous").answer == unanimous
    assert GRADED.value(decided(GRADED, answers, "mean")) == pytest.approx(mean)


def test_the_worse_of_a_tie_does_not_depend_on_how_much_a_criterion_weighs() -> None:
    light = Leaf(criterion("Light", weight=0.5))
    assert decided(light, "yes no").answer == "no"


def test_the_mean_keeps_the_answer_and_evidence_of_the_vote_that_is_nearest() -> None:
    # bad, fair, good are worth 0, 1/2 and 1; the mean of the five is 0.8, to which good is nearest.
    verdict = decided(GRADED, "bad good good good good", "mean")
    assert verdict.answer == "good"
    assert verdict.share == pytest.approx(0.8)
    assert verdict.evidence != "by 0"
    # 1/6, to which bad is nearest, wherever it stands in the list.
    assert decided(GRADED, "fair bad bad", "mean").answer == "bad"


def test_the_mean_of_yes_and_no_is_the_share_of_yes() -> None:
    assert YES_NO.value(decided(YES_NO, "yes yes no", "mean")) == pytest.approx(2 / 3)


def test_the_evidence_is_that_of_a_voter_who_says_so() -> None:
    assert decided(YES_NO, "no yes yes").evidence in ("by 1", "by 2")
    assert decided(YES_NO, "yes no no").evidence in ("by 1", "by 2")


@given(st.lists(st.sampled_from(list(GRADED.criterion.worth)), min_size=1, max_size=9))
def test_a_majority_never_gives_more_than_half_of_the_voters_would(answers: list[str]) -> None:
    verdict = combined(ballots(GRADED, answers), "majority")[GRADED]
    worth = GRADED.value(verdict)
    if worth is not None and len(answers) > 1:
        values = [GRADED.criterion.worth[answer] for answer in answers]
        assert 2 * sum(value is not None and value >= worth for value in values) > len(answers)


def test_agreement_is_the_share_of_pairs_over_all_leaves() -> None:
    # Sound: 1 of 3 pairs agrees; Clear: all 3. (1 + 3) / 6
    cast = [{YES_NO: Verdict(answer), GRADED: Verdict("good")} for answer in ("yes", "yes", "no")]
    assert agreement(cast) == pytest.approx(4 / 6)
    assert agreement(cast[:1]) == 1.0


def test_unsure_is_where_voters_differ_or_one_can_not_say_or_has_no_quote() -> None:
    other = Leaf(criterion("Other"))
    assert leaves_in_doubt([{YES_NO: Verdict("yes"), other: Verdict("no")}]) == frozenset()
    assert leaves_in_doubt([{YES_NO: Verdict("cannot_assess"), other: Verdict("no")}]) == {YES_NO}
    assert leaves_in_doubt([{YES_NO: UNSUPPORTED, other: Verdict("no")}]) == {YES_NO}
    assert leaves_in_doubt([{YES_NO: Verdict(a), other: Verdict("no")} for a in ("yes", "no")]) == {YES_NO}


def test_a_model_votes_several_times_at_a_temperature_that_lets_it_differ() -> None:
    spec = judge_spec(criterion("A"), models=("medium", "heavyweight-claude"), votes=3)
    cast = voters(spec)
    assert [voter.vote for voter in cast] == [0, 1, 2]
    assert len(set(cast)) == 3
    assert {model.temperature for voter in cast for model in voter.models} == {SAMPLING_TEMPERATURE}
    (single,) = voters(judge_spec(criterion("A"), models=("medium",)))
    assert single.models[0].temperature == 0.0
    for votes in (2, 3):
        cast = voters(judge_spec(criterion("A"), panel=("medium",), votes=votes))
        assert [(v.vote, v.models[0].temperature) for v in cast] == [
            (n, SAMPLING_TEMPERATURE) for n in range(votes)
        ]


@pytest.mark.parametrize("structure", ["tool", "json_schema", "text"])
def test_every_voter_is_asked_in_the_structure_of_the_definition(structure: Structure) -> None:
    alone = judge_spec(criterion("A"), models=("medium-claude",), structure=structure, escalate="heavyweight")
    panel = judge_spec(criterion("A"), panel=("medium", "medium-claude"), structure=structure)
    second = escalation_voter(alone)
    assert second is not None
    asked = [model for voter in (*voters(alone), *voters(panel), second) for model in voter.models]
    assert [model.structure for model in asked] == [structure] * 4


def test_a_definition_may_ask_its_panel_or_its_models_and_the_one_it_escalates_to() -> None:
    one = judge_spec(criterion("A"), models=("medium", "heavyweight"), escalate="heavyweight-claude")
    assert models_of(one) == ("medium", "heavyweight", "heavyweight-claude")
    panel = judge_spec(criterion("A"), models=("medium",), panel=("medium-claude", "heavyweight"))
    assert models_of(panel) == ("medium-claude", "heavyweight")
    again = judge_spec(criterion("A"), models=("medium",), escalate="medium")
    assert models_of(again) == ("medium",)


def test_who_has_no_other_beside_it_is_patient_however_often_it_votes() -> None:
    for votes in (1, 3):
        cast = voters(judge_spec(criterion("A"), models=("medium",), votes=votes, escalate="heavyweight"))
        assert [voter.patient for voter in cast] == [True] * votes
    panel = judge_spec(criterion("A"), panel=("medium", "medium-claude"), escalate="heavyweight")
    second = escalation_voter(panel)
    assert second is not None
    assert not any(voter.patient for voter in (*voters(panel), second))


def test_a_panel_votes_each_by_itself_and_the_heavyweight_only_when_called() -> None:
    spec = judge_spec(criterion("A"), panel=("medium", "medium-claude"), escalate="heavyweight")
    assert [[model.model_id for model in voter.models] for voter in voters(spec)] == [
        ["us.amazon.nova-2-lite-v1:0"],
        ["us.anthropic.claude-haiku-4-5-20251001-v1:0"],
    ]
    second = escalation_voter(spec)
    assert second is not None
    assert second.models[0].model_id == "us.amazon.nova-pro-v1:0"
    assert escalation_voter(judge_spec(criterion("A"))) is None
