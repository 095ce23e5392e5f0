"""The reward's arithmetic, worked out by hand, and every way in which a verdict can be missing."""

import itertools
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reward_fn.definition.load import load_definition
from reward_fn.errors import DefinitionError
from reward_fn.reserved_names import FLAGS
from reward_fn.score.aggregate import aggregate
from reward_fn.score.reward import combine
from reward_fn.types.batch import Examined
from reward_fn.types.check import CheckResult
from reward_fn.types.definition import Definition
from reward_fn.types.result import Metric
from reward_fn.types.rollout import Rejected
from reward_fn.types.rubric import Criterion, Document, VerdictClass
from reward_fn.types.unscored import Reason, Unscored
from reward_fn.types.verdict import Leaf, Outcome, Verdict, Verdicts
from tests import factory
from tests.unit.rubric import (
    check_spec,
    criterion,
    definition,
    judge_spec,
    judged,
    result_of,
    shown,
    verdicts,
)

A, B = criterion("A", 2.0), criterion("B", 1.0)
PITFALL = criterion("Pitfall", -1.0)
JUDGES_FAULTS = [reason for reason in Reason if reason not in judge_spec(A).provoked]
"""Every reason but those that a rollout's own text sets off."""
TOML = """
name = "provoked"
range = [-1.0, 1.0]
[judge]
model = "medium"
provoked = "{provoked}"
[[judge.criterion]]
name = "Sound"
question = "Is the answer sound?"
"""


# The formula


def test_the_rubric_is_the_weighted_share_of_yes() -> None:
    # 2 of 2 + 1
    result = result_of(definition(A, B), verdicts((A, "yes"), (B, "no")))
    assert result.reward == pytest.approx(2 / 3)
    assert shown(result)["rubric"] == pytest.approx(2 / 3)


def test_score_checks_and_rubric_are_averaged_by_weight_and_penalties_subtracted() -> None:
    # base = (1 * 0.25 + 2 * 0.5 + 3 * 2/3) / (1 + 2 + 3) = 3.25 / 6; penalty 0.1 * (1 - 0.75) = 0.025
    served = definition(
        judge=judge_spec(A, B, weight=3.0),
        scores=(check_spec("half", 2.0), check_spec("quarter", 1.0)),
        penalties=(check_spec("length", 0.1),),
    )
    results = {"half": CheckResult(0.5), "quarter": CheckResult(0.25), "length": CheckResult(0.75)}
    result = result_of(served, verdicts((A, "yes"), (B, "no")), results)
    assert result.reward == pytest.approx(3.25 / 6 - 0.025)


@pytest.mark.parametrize(
    ("low", "high", "reward"),
    [
        (0.0, 1.0, 0.65),  # 0.8 - 0.3 * (1 - 0.5)
        (-1.0, 1.0, 0.3),  # -1 + 2 * 0.65: the penalty takes 0.3 off what would be 0.6
        (0.0, 10.0, 6.5),
        (-5.0, -1.0, -2.4),  # -5 + 4 * 0.65
    ],
)
def test_a_penalty_takes_off_a_share_of_the_range(low: float, high: float, reward: float) -> None:
    served = definition(
        scores=(check_spec("right"),), penalties=(check_spec("long", 0.3),), low=low, high=high
    )
    result = result_of(served, None, {"right": CheckResult(0.8), "long": CheckResult(0.5)})
    assert result.reward == pytest.approx(reward)
    assert shown(result)["long"] == pytest.approx(-0.15), "the metric is the share"


def test_a_penalty_at_its_full_weight_of_03_takes_06_off_at_minus_1_to_1() -> None:
    served = definition(
        scores=(check_spec("right"),), penalties=(check_spec("long", 0.3),), low=-1.0, high=1.0
    )
    kept, lost = (
        result_of(served, None, {"right": CheckResult(1.0), "long": CheckResult(score)}).reward
        for score in (1.0, 0.0)
    )
    assert kept == 1.0
    assert lost == pytest.approx(0.4)


def test_a_gate_s_reward_is_absolute_whatever_the_range() -> None:
    gate = replace(check_spec("gate"), reward=-0.5)
    served = definition(gates=(gate,), scores=(check_spec("right"),), low=-1.0, high=1.0)
    entry = Examined(factory.rollout("x"), {"gate": CheckResult(0.0)}, settled=gate.reward, settled_by="gate")
    (result,) = aggregate([entry], {}, served)
    assert result.reward == -0.5


def test_without_a_judge_the_score_checks_alone_make_the_reward() -> None:
    # (3 * 1 + 1 * 0) / 4
    served = definition(scores=(check_spec("right", 3.0), check_spec("neat", 1.0)))
    result = result_of(served, None, {"right": CheckResult(1.0), "neat": CheckResult(0.0)})
    assert result.reward == 0.75


def test_an_items_criterion_weighs_its_share_of_the_items() -> None:
    # Per item 3 / 3 items = 1; the answer's 1. Yes for two items and not for the answer: 2 of 4.
    each, whole = criterion("Each", 3.0, scope="item"), criterion("Whole", 1.0)
    answers = verdicts((each, "yes", 0), (each, "no", 1), (each, "yes", 2), (whole, "no"))
    assert result_of(definition(each, whole), answers).reward == pytest.approx(0.5)


def test_more_items_do_not_outweigh_the_criterion_over_the_whole_answer() -> None:
    # However many items say yes, they weigh 1 together and the answer's criterion 1.
    each, whole = criterion("Each", 1.0, scope="item"), criterion("Whole", 1.0)
    for items in (1, 2, 20):
        answers = verdicts(*((each, "yes", item) for item in range(items)), (whole, "no"))
        assert result_of(definition(each, whole), answers).reward == pytest.approx(0.5)


def test_other_ranges_stretch_the_same_formula() -> None:
    # [-1, 1]: base 2/3, penalty 0.1 * (1 - 0.5) = 0.05; -1 + 2 * (2/3 - 0.05) = 0.2333...
    served = definition(A, B, low=-1.0, high=1.0, penalties=(check_spec("length", 0.1),))
    result = result_of(served, verdicts((A, "yes"), (B, "no")), {"length": CheckResult(0.5)})
    assert result.reward == pytest.approx(-1 + 2 * (2 / 3 - 0.05))
    # [1, 5]: 1 + 4 * 2/3
    plain = definition(A, B, low=1.0, high=5.0)
    assert result_of(plain, verdicts((A, "yes"), (B, "no"))).reward == pytest.approx(1 + 4 * 2 / 3)


def test_penalties_never_take_the_reward_below_the_floor() -> None:
    # 0 - 0.5 is clipped to 0
    served = definition(A, penalties=(check_spec("length", 0.5),))
    assert result_of(served, verdicts((A, "no")), {"length": CheckResult(0.0)}).reward == 0.0


def test_a_penalty_whose_check_cannot_run_deducts_nothing_and_is_named() -> None:
    gone = Unscored(Reason.NO_SOURCE, "no text")
    served = definition(A, B, penalties=(check_spec("length", 0.5),))
    result = result_of(served, verdicts((A, "yes"), (B, "no")), {"length": gone})
    assert result.reward == pytest.approx(2 / 3)  # weights 2 and 1
    assert result.reasons == (gone,)
    assert "length" not in shown(result)


def test_the_reward_of_contract_review_by_hand() -> None:
    # Two comments, so that a comment's criteria weigh 1.2 / 2, 1.0 / 2 and 0.8 / 2; Coverage weighs 1.0.
    #   first:  grounded 0.6 + consistent 0.5 + actionable 0.4 = 1.5
    #   second: not grounded, consistent 0.5, not actionable   = 0.5
    #   coverage: yes                                          = 1.0
    # rubric = 3.0 / (2 * 1.5 + 1.0) = 0.75
    # quotes: 1 of 2 found = 0.5; 9,000 characters of 6,000 ... 12,000: length 0.5, so 0.1 * (1 - 0.5) off
    # reward = (1 * 0.5 + 3 * 0.75) / (1 + 3) - 0.05 = 0.6875 - 0.05
    served = load_definition("contract-review")
    assert served.judge
    grounded, consistent, actionable, coverage = served.judge.criteria
    answers = verdicts(
        (grounded, "yes", 0),
        (consistent, "yes", 0),
        (actionable, "yes", 0),
        (grounded, "no", 1),
        (consistent, "yes", 1),
        (actionable, "no", 1),
        (coverage, "yes"),
    )
    one = CheckResult(1.0)
    results = {
        "hollow_answer": one,
        "json_schema": one,
        "length": CheckResult(0.5),
        "quotes_source": CheckResult(0.5),
    }
    result = result_of(served, answers, results)
    assert result.reward == pytest.approx(0.6375)
    metrics = shown(result)
    assert metrics["rubric"] == pytest.approx(0.75)
    assert metrics["length"] == pytest.approx(-0.05)
    # the shares of yes over the comments
    assert (metrics["TargetDocument_Grounding"], metrics["Reference_Consistency"]) == (0.5, 1.0)
    assert (metrics["Actionability"], metrics["Coverage"]) == (0.5, 1.0)
    # The same without the second comment's consistency, which can't be assessed: it is dropped.
    # rubric = 2.5 / (4.0 - 0.5); reward = (0.5 + 3 * 2.5 / 3.5) / 4 - 0.05
    dropped = result_of(served, {**answers, **verdicts((consistent, "cannot_assess", 1))}, results)
    assert dropped.reward == pytest.approx((0.5 + 3 * 2.5 / 3.5) / 4 - 0.05)
    assert shown(dropped)["judge_coverage"] == pytest.approx(3.5 / 4)


# Pitfalls


def test_a_pitfall_subtracts_and_the_denominator_is_the_positive_weight() -> None:
    # (2 - 1) / (2 + 1): the pitfall's weight is not in the denominator
    result = result_of(definition(A, B, PITFALL), verdicts((A, "yes"), (B, "no"), (PITFALL, "yes")))
    assert result.reward == pytest.approx(1 / 3)


def test_a_pitfall_that_was_avoided_costs_nothing() -> None:
    result = result_of(definition(A, B, PITFALL), verdicts((A, "yes"), (B, "yes"), (PITFALL, "no")))
    assert result.reward == 1.0


def test_the_denominator_is_over_the_answered_positive_weight() -> None:
    # B is not answered: covered (2 + 1) of 4; (2 - 1) / 2
    answers = verdicts((A, "yes"), (B, "cannot_assess"), (PITFALL, "yes"))
    result = result_of(definition(A, B, PITFALL), answers)
    assert result.reward == 0.5
    assert shown(result)["judge_coverage"] == 0.75


def test_a_rubric_below_0_is_clipped_only_at_the_end() -> None:
    # Rubric (0 - 2) / 1 = -2. With a score check of weight 3 at 1: (3 * 1 + 1 * -2) / 4 = 0.25, and not 0.75.
    good, trap = criterion("Good", 1.0), criterion("Trap", -2.0)
    answers = verdicts((good, "no"), (trap, "yes"))
    result = result_of(
        definition(good, trap, scores=(check_spec("quotes", 3.0),)), answers, {"quotes": CheckResult(1.0)}
    )
    assert result.reward == pytest.approx(0.25)
    assert shown(result)["rubric"] == -2.0
    # Alone it is clipped: 0, or -1 in a range that begins there.
    assert result_of(definition(good, trap), answers).reward == 0.0
    assert result_of(definition(good, trap, low=-1.0), answers).reward == -1.0


# Gates and essential criteria


def test_a_failed_gates_reward_is_absolute() -> None:
    served = definition(
        A,
        low=-1.0,
        gates=(check_spec("schema"),),
        scores=(check_spec("quotes"),),
        penalties=(check_spec("length"),),
    )
    result = result_of(
        served, None, {"schema": CheckResult(0.0, "not JSON")}, settled=0.3, settled_by="schema"
    )
    assert result.reward == 0.3
    assert result.gate == "schema"
    assert result.details == {"schema": "not JSON"}
    assert not result.imputed
    assert shown(result)["gate_failed"] == 1.0


@pytest.mark.parametrize("low", [0.0, -1.0])
def test_an_essential_criterion_answered_no_fixes_the_reward_at_the_floor(low: float) -> None:
    must = criterion("Must", 0.1, essential=True)
    served = definition(A, must, low=low, scores=(check_spec("quotes", 5.0),))
    result = result_of(served, verdicts((A, "yes"), (must, "no")), {"quotes": CheckResult(1.0)})
    assert result.reward == low
    assert not result.imputed


def test_an_essential_criterion_is_essential_for_every_item() -> None:
    must = criterion("Must", essential=True, scope="item")
    assert result_of(definition(must), verdicts((must, "yes", 0), (must, "no", 1))).reward == 0.0
    assert result_of(definition(must), verdicts((must, "yes", 0), (must, "yes", 1))).reward == 1.0


# Coverage


def test_what_cannot_be_assessed_is_dropped_and_the_rest_renormalised() -> None:
    # 2 of 2 answered; coverage 2 / 3
    result = result_of(definition(A, B), verdicts((A, "yes"), (B, "cannot_assess")))
    assert result.reward == 1.0
    assert not result.imputed
    assert shown(result)["judge_coverage"] == pytest.approx(2 / 3)
    assert "B" not in shown(result)


def test_a_coverage_of_exactly_a_half_is_enough() -> None:
    one, other = criterion("One"), criterion("Other")
    result = result_of(definition(one, other), verdicts((one, "yes"), (other, "cannot_assess")))
    assert (result.reward, result.imputed) == (1.0, False)
    assert shown(result)["judge_coverage"] == 0.5


def test_a_half_is_a_half_however_floats_round_the_weights() -> None:
    # 0.6 of 0.1 + 0.2 + 0.3 + 0.6
    asked = [criterion(name, weight) for name, weight in zip("abc", (0.1, 0.2, 0.3), strict=True)]
    rest = criterion("d", 0.6)
    answers = verdicts(*((each, "cannot_assess") for each in asked), (rest, "yes"))
    assert not result_of(definition(*asked, rest), answers).imputed
    # three of six items
    each = criterion("Each", 1.3, scope="item")
    answers = verdicts(*((each, "yes" if item in (2, 4, 5) else "cannot_assess", item) for item in range(6)))
    assert not result_of(definition(each), answers).imputed


def test_below_half_the_coverage_the_whole_reward_is_neutral() -> None:
    # 1 of 1 + 1.1 answered. The perfect score check does not count either: the whole reward is the middle.
    one, other = criterion("One"), criterion("Other", 1.1)
    served = definition(one, other, low=-1.0, scores=(check_spec("quotes"),))
    answers = verdicts((one, "yes"), (other, "cannot_assess"))
    result = result_of(served, answers, {"quotes": CheckResult(1.0)})
    assert result.reward == 0.0
    assert result.imputed
    assert [why.reason for why in result.reasons] == [Reason.CANNOT_ASSESS]
    flags = shown(result)
    assert flags["judge_coverage"] == pytest.approx(1 / 2.1)
    assert (flags["judge_error"], flags["imputed"], flags["provoked"]) == (1.0, 1.0, 0.0)
    assert "rubric" not in flags


def test_an_unanswered_pitfall_makes_the_reward_neutral() -> None:
    result = result_of(
        definition(A, B, PITFALL), verdicts((A, "yes"), (B, "yes"), (PITFALL, "cannot_assess"))
    )
    assert (result.reward, result.imputed) == (0.5, True)


def test_an_unanswered_essential_criterion_makes_the_reward_neutral() -> None:
    must = criterion("Must", 0.1, essential=True)
    result = result_of(definition(A, must), verdicts((A, "yes"), (must, "cannot_assess")))
    assert (result.reward, result.imputed) == (0.5, True)


def test_pitfalls_alone_are_no_basis_for_a_reward() -> None:
    # The pitfall weighs 3 of 4, so half is covered, but no positive weight is answered.
    trap = criterion("Trap", -3.0)
    result = result_of(definition(B, trap), verdicts((B, "cannot_assess"), (trap, "no")))
    assert (result.reward, result.imputed) == (0.5, True)


# Failures, by whose fault they are


@pytest.mark.parametrize("reason", JUDGES_FAULTS)
def test_the_judges_own_failure_is_neutral_and_flagged(reason: Reason) -> None:
    served = definition(A, scores=(check_spec("quotes"),))
    result = result_of(served, Unscored(reason, "why"), {"quotes": CheckResult(1.0)})
    assert result.reward == 0.5
    assert result.imputed
    assert result.reasons == (Unscored(reason, "why"),)
    flags = shown(result)
    assert (flags["judge_error"], flags["judge_coverage"], flags["imputed"]) == (1.0, 0.0, 1.0)
    assert (flags["provoked"], flags["quotes"]) == (0.0, 1.0)


@pytest.mark.parametrize("reason", [Reason.FILTERED, Reason.OVERFLOW])
def test_what_the_rollouts_text_set_off_earns_the_floor(reason: Reason) -> None:
    result = result_of(definition(A, low=-1.0), Unscored(reason))
    assert (result.reward, result.imputed, result.unsupported) == (-1.0, False, 0)
    assert (shown(result)["provoked"], shown(result)["judge_error"]) == (1.0, 1.0)
    assert result.reasons == (Unscored(reason),)


@pytest.mark.parametrize(("answer", "reward", "imputed"), [("long " * 50, 0.0, False), ("short", 0.5, True)])
def test_what_prompt_and_documents_set_off_is_no_fault_of_the_rollout(
    answer: str, reward: float, imputed: bool
) -> None:
    """An answer of 250 characters beside 700 is 26 % of what is shown, one of 5 under 1 %."""
    documents = (Document("contract", ("metadata.c",)),)
    served = replace(definition(A), judge=replace(judge_spec(A), documents=documents))
    shown_to_the_judge = factory.rollout(answer, prompt="p" * 300, metadata={"c": "d" * 400})
    assert served.judge
    material = factory.material(shown_to_the_judge, served.judge)
    outcomes: dict[int, Outcome] = {0: Unscored(Reason.OVERFLOW)}
    (result,) = aggregate([Examined(shown_to_the_judge, {}, material=material)], outcomes, served)
    assert (result.reward, result.imputed) == (reward, imputed)
    assert shown(result)["provoked"] == float(not imputed)


@pytest.mark.parametrize(
    ("prompt_chars", "document_chars", "show_prompt", "is_provoked"),
    [
        (100, 200, True, True),  # 100 of 400 is just a quarter
        (101, 200, True, False),
        (51, 250, True, False),  # 100 of 401, which neither prompt nor document alone makes
        (1_000, 300, False, True),  # a prompt that is not shown can't overflow anything
    ],
)
def test_a_quarter_of_the_text_shown_makes_a_response_the_cause_of_an_overflow(
    prompt_chars: int, document_chars: int, show_prompt: bool, is_provoked: bool
) -> None:
    """The response has 100 characters."""
    spec = judge_spec(A, documents=(Document("contract", ("metadata.c",)),), show_prompt=show_prompt)
    rollout = factory.rollout("r" * 100, prompt="p" * prompt_chars, metadata={"c": "d" * document_chars})
    examined = Examined(rollout, {}, material=factory.material(rollout, spec))
    served = definition(judge=spec)
    (result,) = aggregate([examined], {0: Unscored(Reason.OVERFLOW)}, served)
    assert (shown(result)["provoked"], result.imputed) == (float(is_provoked), not is_provoked)


@pytest.mark.parametrize(
    ("provoked", "reason", "reward"),
    [
        ("filtered", Reason.FILTERED, -1.0),
        ("filtered", Reason.OVERFLOW, -1.0),
        ("filtered", Reason.REFUSED, 0.0),
        ("filtered", Reason.MALFORMED, 0.0),
        ("filtered", Reason.INCOMPLETE, 0.0),
        ("floor", Reason.FILTERED, -1.0),
        ("floor", Reason.OVERFLOW, -1.0),
        ("floor", Reason.REFUSED, -1.0),
        ("floor", Reason.MALFORMED, -1.0),
        ("floor", Reason.INCOMPLETE, -1.0),
        ("floor", Reason.TRUNCATED, -1.0),
        ("filtered", Reason.TRUNCATED, 0.0),
        ("floor", Reason.THROTTLED, 0.0),
        ("floor", Reason.DEADLINE, 0.0),
    ],
)
def test_a_definition_can_count_garbled_replies_as_provoked(
    tmp_path: Path, provoked: str, reason: Reason, reward: float
) -> None:
    served = factory.definition(tmp_path, TOML.format(provoked=provoked))
    assert result_of(served, Unscored(reason)).reward == reward


def test_a_check_that_counts_and_could_not_run_is_neutral() -> None:
    gone = Unscored(Reason.NO_SOURCE, "no text")
    served = definition(A, scores=(check_spec("quotes"),))
    result = result_of(served, None, {"quotes": gone}, blocked=gone)
    assert (result.reward, result.imputed, result.reasons) == (0.5, True, (gone,))
    assert (shown(result)["rejected"], shown(result)["imputed"]) == (1.0, 1.0)


@pytest.mark.parametrize(
    ("reason", "flag", "other"),
    [(Reason.BAD_ROW, "rejected", "no_response"), (Reason.NO_RESPONSE, "no_response", "rejected")],
)
def test_a_row_that_cannot_be_scored_is_neutral_and_flagged(reason: Reason, flag: str, other: str) -> None:
    (result,) = aggregate([Rejected(0, "x", reason, "why")], {}, definition(A, low=-1.0))
    assert (result.id, result.reward, result.imputed) == ("x", 0.0, True)
    assert (shown(result)[flag], shown(result)[other], shown(result)["imputed"]) == (1.0, 0.0, 1.0)
    assert result.reasons == (Unscored(reason, "why"),)


# Siblings


def siblings_batch(policy: str) -> list[float]:
    """Two valid rollouts (1 and 1/3), one gate failure (0), one throttled, all of one group."""
    served = definition(A, B, gates=(check_spec("schema"),), on_error=policy)
    entries: list[Examined | Rejected] = [
        Examined(factory.rollout(f"answer {i}", index=i, id=f"r-{i}"), {"schema": CheckResult(1.0)})
        for i in range(3)
    ]
    failed = factory.rollout("broken", index=3, id="r-3")
    entries.append(Examined(failed, {"schema": CheckResult(0.0)}, settled=0.0, settled_by="schema"))
    outcomes: dict[int, Outcome] = {
        0: judged((A, "yes"), (B, "yes")),
        1: judged((A, "no"), (B, "yes")),
        2: Unscored(Reason.THROTTLED),
    }
    results = aggregate(entries, outcomes, served)
    assert [result.imputed for result in results] == [False, False, True, False]
    return [result.reward for result in results]


def test_siblings_give_an_unscored_rollout_the_mean_of_the_valid_ones() -> None:
    # (1 + 1/3 + 0) / 3: the gate failure is a valid reward, the throttled rollout's own 0.5 is not
    assert siblings_batch("siblings") == pytest.approx([1.0, 1 / 3, 4 / 9, 0.0])
    assert siblings_batch("neutral") == pytest.approx([1.0, 1 / 3, 0.5, 0.0])


def test_siblings_of_another_group_say_nothing() -> None:
    served = definition(A, on_error="siblings")
    entries = [
        Examined(factory.rollout("x", index=0, prompt="one"), {}),
        Examined(factory.rollout("y", index=1, prompt="two"), {}),
    ]
    outcomes: dict[int, Outcome] = {0: judged((A, "yes")), 1: Unscored(Reason.TIMEOUT)}
    results = aggregate(entries, outcomes, served)
    assert [result.reward for result in results] == [1.0, 0.5]


def test_unscored_rollouts_are_no_siblings_to_each_other() -> None:
    served = definition(A, low=-1.0, on_error="siblings")
    entries = [Examined(factory.rollout("x", index=i), {}) for i in range(2)]
    results = aggregate(entries, {i: Unscored(Reason.TIMEOUT) for i in range(2)}, served)
    assert [result.reward for result in results] == [0.0, 0.0]


def test_a_row_without_a_group_has_no_siblings() -> None:
    served = definition(A, on_error="siblings")
    bad = Rejected(1, "bad", Reason.BAD_ROW, "why")
    entries: list[Examined | Rejected] = [Examined(factory.rollout("x"), {}), bad]
    results = aggregate(entries, {0: judged((A, "yes"))}, served)
    assert [result.reward for result in results] == [1.0, 0.5]


# What is reported


def test_results_keep_order_and_ids_whatever_happened() -> None:
    entries: list[Examined | Rejected] = [
        Rejected(0, {"odd": 1}, Reason.BAD_ROW, "why"),
        Examined(factory.rollout("x", index=1, id=7), {}, settled=0.0, settled_by="schema"),
        Examined(factory.rollout("y", index=2, id="two"), {}),
    ]
    results = aggregate(entries, {2: Unscored(Reason.DENIED)}, definition(A))
    assert [(result.index, result.id) for result in results] == [(0, {"odd": 1}), (1, 7), (2, "two")]


def test_only_what_counts_is_of_type_reward() -> None:
    served = definition(
        A,
        gates=(check_spec("schema"),),
        scores=(check_spec("quotes"),),
        penalties=(check_spec("length", 0.25),),
        metrics=(check_spec("words"),),
    )
    found = {name: CheckResult(0.5) for name in ("schema", "quotes", "length", "words")}
    result = result_of(served, verdicts((A, "yes")), found)
    # the penalty is shown as what it takes: -0.25 * (1 - 0.5), exact in binary
    assert [metric for metric in result.metrics if metric.type == "Reward"] == [
        Metric("quotes", 0.5, "Reward"),
        Metric("length", -0.125, "Reward"),
        Metric("rubric", 1.0, "Reward"),
    ]
    assert {metric.name for metric in result.metrics} == {
        "schema",
        "quotes",
        "length",
        "words",
        "A",
        "rubric",
        *FLAGS,
    } - {"judge_agreement", "escalated", "order_flips"}  # there is one voter


def test_too_little_coverage_is_the_reason_of_an_imputed_reward() -> None:
    result = result_of(definition(A, B), verdicts((A, "cannot_assess"), (B, "yes")))
    assert result.reasons == (Unscored(Reason.CANNOT_ASSESS, "coverage 0.33"),)


@pytest.mark.parametrize(
    ("fields", "is_shown"),
    [
        ({}, False),
        ({"panel": ("one",)}, False),
        ({"panel": ("one", "two")}, True),
        ({"votes": 2}, True),
    ],
)
def test_agreement_is_shown_only_if_several_vote(fields: dict[str, Any], is_shown: bool) -> None:
    served = definition(judge=judge_spec(A, **fields))
    assert ("judge_agreement" in shown(result_of(served, verdicts((A, "yes"))))) is is_shown


def test_the_smallest_part_is_the_base_if_the_definition_combines_by_the_minimum() -> None:
    # the parts are 1, 0.25 and the rubric's 2/3; the penalty takes 0.1 * (1 - 0.5)
    served = definition(
        A,
        B,
        combine="minimum",
        scores=(check_spec("right"), check_spec("neat", 5.0)),
        penalties=(check_spec("length", 0.1),),
    )
    results = {"right": CheckResult(1.0), "neat": CheckResult(0.25), "length": CheckResult(0.5)}
    result = result_of(served, verdicts((A, "yes"), (B, "no")), results)
    assert result.reward == pytest.approx(0.25 - 0.05)


def test_a_score_that_could_not_run_is_never_combined() -> None:
    served = definition(scores=(check_spec("right"),))
    with pytest.raises(TypeError, match=r"^an unscored check has no score$"):
        combine(served, {"right": Unscored(Reason.INTERNAL_ERROR)}, None)


def test_a_penalty_that_takes_nothing_is_shown_as_plain_0() -> None:
    served = definition(A, penalties=(check_spec("length", 0.1),))
    value = shown(result_of(served, verdicts((A, "yes")), {"length": CheckResult(1.0)}))["length"]
    assert math.copysign(1.0, value) == 1.0, "a negative zero on the wire"


def test_a_criterion_of_items_is_shown_as_the_share_of_yes_over_those_answered() -> None:
    # item 2 can't be assessed: 1 yes of 2
    each = criterion("Each", scope="item")
    answers = verdicts((each, "yes", 0), (each, "no", 1), (each, "cannot_assess", 2))
    assert shown(result_of(definition(each), answers))["Each"] == 0.5


def test_unsupported_quotes_are_counted_even_where_the_rubric_is_incomplete() -> None:
    void = Verdict(VerdictClass.NO, "made up", unsupported=True)
    complete = {Leaf(A): void, Leaf(B): Verdict(VerdictClass.YES)}
    incomplete = {Leaf(A): Verdict(VerdictClass.CANNOT_ASSESS), Leaf(B): void}
    for answers in (complete, incomplete):
        result = result_of(definition(A, B), answers)
        assert shown(result)["unsupported_quotes"] == 1.0
        assert result.unsupported == 1


def of_items(folder: Path, weight: str) -> Definition:
    """A definition with one criterion of that weight, asked of every item."""
    toml = TOML.format(provoked="filtered") + f'weight = {weight}\nscope = "item"\n'
    return factory.definition(folder, toml.replace("[judge]\n", '[judge]\nitems = "comments"\n'))


def test_a_weight_too_small_to_share_out_is_refused_at_load(tmp_path: Path) -> None:
    # 5e-324 / 3 is 0 in floats, and so would the sum of all weights be
    with pytest.raises(DefinitionError, match=r"judge\.criterion\[0\]\.weight: "):
        of_items(tmp_path, "5e-324")


def test_the_smallest_weight_counts_for_the_longest_list(tmp_path: Path) -> None:
    served = of_items(tmp_path, "0.000001")
    assert served.judge
    (tiny,) = served.judge.criteria
    for answer, reward in (("yes", served.high), ("no", served.low)):
        answers = verdicts(*((tiny, answer, item) for item in range(served.judge.max_items)))
        assert result_of(served, answers).reward == pytest.approx(reward)


# Whatever is answered

WEIGHTS = st.floats(0.01, 1000.0)


@st.composite
def rubrics(draw: st.DrawFn) -> tuple[Definition, Verdicts, dict[str, CheckResult | Unscored]]:
    """Any definition that a file could write, with any complete set of answers."""
    count = draw(st.integers(1, 5))
    items = draw(st.integers(1, 4))
    pitfalls = [i > 0 and draw(st.booleans()) for i in range(count)]  # the first can be earned
    criteria = tuple(
        Criterion(
            f"C{i}",
            "?",
            -draw(WEIGHTS) if pitfall else draw(WEIGHTS),
            scope=draw(st.sampled_from(("item", "answer"))),
            essential=not pitfall and draw(st.booleans()),
        )
        for i, pitfall in enumerate(pitfalls)
    )
    low = draw(st.floats(-1000, 999))
    served = definition(
        low=low,
        high=draw(st.floats(low, 1000, exclude_min=True)),
        judge=judge_spec(*criteria, weight=draw(WEIGHTS)),
        scores=tuple(check_spec(f"s{i}", draw(WEIGHTS)) for i in range(draw(st.integers(0, 2)))),
        penalties=tuple(check_spec(f"p{i}", draw(WEIGHTS)) for i in range(draw(st.integers(0, 2)))),
    )
    answers: dict[Leaf, Verdict] = {}
    for each, item in itertools.product(criteria, range(items)):
        answers[Leaf(each, item if each.scope == "item" else None)] = Verdict(
            draw(st.sampled_from(list(each.worth)))
        )
    results: dict[str, CheckResult | Unscored] = {
        spec.name: CheckResult(draw(st.floats(0, 1))) for spec in (*served.scores, *served.penalties)
    }
    return served, answers, results


@given(rubrics())
def test_any_answers_give_a_finite_reward_in_range(
    case: tuple[Definition, Verdicts, dict[str, CheckResult | Unscored]],
) -> None:
    served, answers, results = case
    result = result_of(served, answers, results)
    assert served.low <= result.reward <= served.high
    assert all(math.isfinite(metric.value) for metric in result.metrics)


@given(rubrics(), st.data())
def test_turning_a_no_into_a_yes_never_lowers_the_reward_nor_raises_it_for_a_pitfall(
    case: tuple[Definition, Verdicts, dict[str, CheckResult | Unscored]], data: st.DataObject
) -> None:
    served, answers, results = case
    refused = [leaf for leaf, verdict in answers.items() if verdict.answer == VerdictClass.NO]
    if not refused:
        return
    leaf = data.draw(st.sampled_from(refused))
    turned: Verdicts = {**answers, leaf: Verdict(VerdictClass.YES)}
    before, after = result_of(served, answers, results), result_of(served, turned, results)
    better, worse = (after, before) if leaf.criterion.weight > 0 else (before, after)
    assert better.reward >= worse.reward
    assert after.imputed == before.imputed


@pytest.mark.parametrize(("low", "high"), [(-2.0, -0.9), (-0.7, 0.2), (0.1, 0.7), (-1.0, 1.0)])
def test_rounding_never_carries_a_reward_out_of_its_range(low: float, high: float) -> None:
    # -2.0 + (-0.9 - -2.0) * 1.0 is -0.8999999999999999 in floats
    served = definition(low=low, high=high, scores=(check_spec("right"),))
    for score, reward in ((1.0, high), (0.0, low)):
        found = result_of(served, results={"right": CheckResult(score)}).reward
        assert low <= found <= high
        assert found == pytest.approx(reward)
