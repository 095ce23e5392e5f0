"""Deviation within groups and share of the advantage, derived by hand; and what must hold of all batches."""

from collections.abc import Sequence
from dataclasses import replace
from math import fsum, sqrt
from random import Random
from typing import Any

import pytest

from reward_fn.report.components import OTHER_CRITERIA, ComponentSums, Figures, batch_sums
from reward_fn.score.aggregate import aggregate
from reward_fn.score.contributions import CLIP, ESSENTIAL, JUDGE_PROVOKED, Component, Rewarded
from reward_fn.types.batch import Examined, Scored
from reward_fn.types.check import CheckResult
from reward_fn.types.definition import Definition
from reward_fn.types.unscored import Reason, Unscored
from reward_fn.types.usage import Usage
from reward_fn.types.verdict import Judged, Outcome
from tests.factory import rollout
from tests.unit.rubric import check_spec, criterion, definition, judge_spec, verdicts

EXACT, STYLE = Component("score", "exact"), Component("score", "style")
SCHEMA = Component("gate", "schema")
TWO_SCORES = definition(scores=(check_spec("exact", 3.0), check_spec("style", 1.0)))
GATED = definition(scores=(check_spec("exact"),), checks={"gates": check_spec("schema")})


def two(exact: float, style: float) -> Rewarded:
    """A rollout with these scores, of which exact counts three times as much."""
    return Rewarded(0.75 * exact + 0.25 * style, {"exact": exact, "style": style})


def failed(reward: float = 0.0, gate: str = "schema") -> Rewarded:
    return Rewarded(reward, {"schema": 0.0}, gate)


def passed(reward: float) -> Rewarded:
    return Rewarded(reward, {"schema": 1.0, "exact": reward})


def figures(served: Definition, *groups: list[Rewarded]) -> dict[Component, Figures]:
    sums = ComponentSums(served)
    for group in groups:
        sums.add_group(group)
    return {each.component: each for each in sums.figures()}


def test_deviation_and_share_by_hand() -> None:
    """Rewards 1, .75, .25, 0 have the advantages .5, .25, -.25, -.5, whose squares add up to .625.

    exact contributes .75, .75, 0, 0, off its mean by .375: products .375 * 1.5 = .5625, a share of .9.
    style contributes .25, 0, .25, 0, off its mean by .125: products .125 * .5 = .0625, a share of .1.
    """
    held = figures(TWO_SCORES, [two(1, 1), two(1, 0), two(0, 1), two(0, 0)])
    assert held[EXACT][1:] == pytest.approx((4, 0.375, sqrt(4 * 0.375**2 / 3), 0.9))
    assert held[STYLE][1:] == pytest.approx((4, 0.125, sqrt(4 * 0.125**2 / 3), 0.1))


def test_a_component_that_is_equal_within_each_group_carries_nothing_whatever_differs_between_them() -> None:
    held = figures(TWO_SCORES, [two(0.1, 0), two(0.1, 1), two(0.1, 1)], [two(0.9, 0), two(0.9, 1)])
    assert (held[EXACT].deviation, held[EXACT].share) == (0.0, 0.0)
    assert held[STYLE].share == pytest.approx(1.0)


def test_a_component_that_works_against_the_others_has_a_negative_share() -> None:
    """exact contributes .75 and 0, style 0 and .25: rewards .75 and .25 with advantages of .25."""
    held = figures(TWO_SCORES, [two(1, 0), two(0, 1)])
    assert [held[EXACT].share, held[STYLE].share] == pytest.approx([1.5, -0.5])


def test_without_a_reward_that_varies_there_is_no_share_and_without_two_rollouts_nothing() -> None:
    held = figures(TWO_SCORES, [two(1, 1), two(1, 1)])
    assert (held[EXACT].deviation, held[EXACT].share) == (0.0, None)
    assert figures(TWO_SCORES, [two(1, 1)], [two(0, 1)], []) == {}
    assert figures(GATED, [passed(1.0)]) == {}


def test_a_failed_gate_is_booked_to_the_gate_alone() -> None:
    """Two pass with .5 and 1, mean .75, and one fails with 0: the gate takes .75 off.

    The mean of all is .5, so the advantages are 0, .5, -.5, squares .5. exact is known twice, off its mean by
    -.25 and .25: products .125, a share of .25. The gate contributes 0, 0, -.75: products .375, a share of
    .75.
    """
    held = figures(GATED, [passed(0.5), passed(1.0), failed()])
    assert held[EXACT][1:] == pytest.approx((2, 0.75, sqrt(0.125), 0.25))
    # off its mean of -.25 by .25, .25 and -.5: squares .375 over 2 degrees of freedom
    assert held[SCHEMA][1:] == pytest.approx((3, -0.25, sqrt(0.375 / 2), 0.75))


def test_a_gate_that_nobody_fails_has_figures_too() -> None:
    assert figures(GATED, [passed(0.5), passed(1.0)])[SCHEMA] == Figures(SCHEMA, 2, 0.0, 0.0, 0.0)


def test_where_all_of_a_group_fail_a_gate_counts_from_the_low_end() -> None:
    """An empty list pays .5 here. Both differences are taken from the low end, 0."""
    held = figures(GATED, [failed(0.0), failed(0.5, "comments")])
    assert held[Component("gate", "comments")].share == pytest.approx(1.0)
    assert (held[SCHEMA].deviation, held[SCHEMA].share) == (0.0, 0.0)
    assert EXACT not in held


def test_a_component_known_once_in_a_group_has_no_deviation() -> None:
    assert figures(GATED, [passed(0.5), failed()])[EXACT] == Figures(EXACT, 1, 0.5, None, 0.0)


def test_sums_of_parts_merge_into_those_of_the_whole() -> None:
    groups = [[two(1, 1), two(0, 0)], [two(0.5, 0), two(0.25, 1), two(0, 0)], [two(1, 0), two(1, 0)]]
    whole, first, second = (ComponentSums(TWO_SCORES) for _ in range(3))
    for group in groups:
        whole.add_group(group)
    first.add_group(groups[0])
    for group in groups[1:]:
        second.add_group(group)
    first.merge(second)
    assert (first.groups, first.varied) == (whole.groups, whole.varied) == (3, 2)
    for merged, single in zip(first.figures(), whole.figures(), strict=True):
        assert merged.component == single.component
        assert merged[1:] == pytest.approx(single[1:])


# Batches, through the arithmetic that rewards come from

KEY = criterion("Key", 2.0, essential=True)
SOUND, PITFALL = criterion("Sound", 1.5), criterion("Pitfall", -2.0)
OWN = criterion("Named_By_The_Row")


def batch(served: Definition, rows: Sequence[tuple[str, Examined, Outcome | None]]) -> Scored:
    """A scored batch of (prompt, what its checks found, what its judge found)."""
    rollouts = [rollout("A", prompt=prompt, index=i) for i, (prompt, _, _) in enumerate(rows)]
    entries = [replace(seen, rollout=one) for one, (_, seen, _) in zip(rollouts, rows, strict=True)]
    outcomes = {i: outcome for i, (_, _, outcome) in enumerate(rows) if outcome is not None}
    results = tuple(aggregate(entries, outcomes, served))
    return Scored(results, Usage(), tuple(rollouts), tuple(entries), outcomes)


def examined(**fields: Any) -> Examined:
    return Examined(rollout("A"), **fields)


def any_row(draw: Random) -> tuple[str, Examined, Outcome | None]:
    """A row of one of six prompts: mostly judged; else a failed gate, or the judge's failure."""
    prompt, luck = f"P{draw.randrange(6)}", draw.random()
    if luck < 0.15:
        return prompt, examined(results={}, settled=0.25, settled_by="schema"), None
    results = {"exact": CheckResult(draw.choice([0.0, 0.5, 1.0])), "terse": CheckResult(draw.random())}
    outcome: Outcome = Unscored(draw.choice([Reason.FILTERED, Reason.THROTTLED]))
    if luck < 0.85:
        answers = [(one, draw.choice(["yes", "yes", "no"])) for one in (KEY, SOUND, PITFALL, OWN)]
        outcome = Judged(verdicts(*answers))
    return prompt, examined(results=results), outcome


@pytest.mark.parametrize("combine", ["sum", "minimum"])
@pytest.mark.parametrize("seed", range(5))
def test_the_shares_of_all_components_add_up_to_one_and_those_of_criteria_to_the_rubrics(
    combine: str, seed: int
) -> None:
    served = definition(
        judge=judge_spec(KEY, SOUND, PITFALL),
        low=-1.0,
        scores=(check_spec("exact", 0.5),),
        penalties=(check_spec("terse", 0.4),),
        checks={"gates": check_spec("schema")},
        combine=combine,
    )
    draw = Random(seed)
    scored = batch(served, [any_row(draw) for _ in range(90)])
    held = {each.component: each.share or 0.0 for each in batch_sums(scored, served).figures()}
    parts = {component: share for component, share in held.items() if component.role != "criterion"}
    assert {SCHEMA, JUDGE_PROVOKED, CLIP, ESSENTIAL, Component("penalty", "terse")} <= parts.keys()
    assert fsum(parts.values()) == pytest.approx(1.0, abs=1e-9)
    criteria = {name: share for (role, name), share in held.items() if role == "criterion"}
    assert fsum(criteria.values()) == pytest.approx(held[Component("rubric", "rubric")], abs=1e-9)
    # the row's own criteria have names that nobody can foresee, so they are one component
    assert criteria.keys() == {"Key", "Sound", "Pitfall", OTHER_CRITERIA}


def test_a_criterion_that_is_always_met_is_stuck_however_many_items_there_are() -> None:
    """Seven sevenths of a weight do not add up to it exactly, which would look like a deviation."""
    each, once = criterion("Each", 1.0, scope="item"), criterion("Once", 2.0)
    served = definition(each, once)

    def judged(items: int, answer: str) -> Judged:
        return Judged(verdicts((once, answer), *((each, "yes", item) for item in range(items))))

    rows = [("P", examined(results={}), judged(3, "yes")), ("P", examined(results={}), judged(7, "no"))]
    sums = batch_sums(batch(served, rows), served)
    held = {figures.component.name: figures for figures in sums.figures()}
    assert (sums.varied, held["Each"].deviation, held["Each"].share) == (1, 0.0, 0.0)
    # Once contributes 2 of 3, and 0: off the mean of 1/3 by 1/3
    assert held["Once"].deviation == pytest.approx(sqrt(2) / 3)


def test_imputed_rewards_do_not_count_and_rollouts_of_other_prompts_are_not_compared() -> None:
    served = definition(SOUND)
    yes, no = Judged(verdicts((SOUND, "yes"))), Judged(verdicts((SOUND, "no")))
    throttled = Unscored(Reason.THROTTLED)
    outcomes: list[tuple[str, Outcome]] = [("P", yes), ("P", no), ("P", throttled), ("Q", yes), ("R", no)]
    rows = [(prompt, examined(results={}), outcome) for prompt, outcome in outcomes]
    sums = batch_sums(batch(served, rows), served)
    assert (sums.groups, sums.varied) == (1, 1)
    assert {each.component.name: each.rollouts for each in sums.figures()} == {"rubric": 2, "Sound": 2}
