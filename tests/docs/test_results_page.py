"""docs/results.md: its arithmetic adds up, and the code gives the same rewards."""

import re
from dataclasses import replace

import pytest

from reward_fn.definition.load import load_definition
from reward_fn.reserved_names import FLAGS, RUBRIC
from reward_fn.types.check import CheckResult
from reward_fn.types.unscored import Reason, Unscored
from tests.docs.markdown import keys, page, sections, tables
from tests.unit.rubric import check_spec, criterion, definition, result_of, shown, verdicts

PAGE = page("results.md")
SUMS = re.findall(r"^    (?:reward|rubric|metric) +((?:= [-+*/(). 0-9]+)+)", PAGE, re.MULTILINE)
"""The right sides of the lines that have numbers only."""


@pytest.mark.parametrize("equation", SUMS)
def test_both_sides_of_an_equation_are_the_same_number(equation: str) -> None:
    first, *others = (eval(side, {}) for side in equation.strip("= ").split("="))  # noqa: S307 - numbers and signs only
    assert others
    assert others == [pytest.approx(first)] * len(others)


def test_there_are_equations() -> None:
    assert len(SUMS) == 4


def test_the_penalty_of_the_page_takes_off_what_it_says() -> None:
    checks = {"scores": check_spec("right"), "penalties": check_spec("brevity", 0.3)}
    ranged = definition(low=-1.0, high=1.0, checks=checks)
    result = result_of(ranged, results={"right": CheckResult(0.8), "brevity": CheckResult(0.5)})
    assert result.reward == pytest.approx(0.3)
    assert shown(result)["brevity"] == pytest.approx(-0.15)
    assert result_of(ranged, results={"right": CheckResult(0.8), "brevity": CheckResult(1.0)}).reward == (
        pytest.approx(0.6)
    )


def test_the_contract_review_of_the_page_earns_what_it_says() -> None:
    shipped = load_definition("contract-review")
    assert shipped.judge
    grounding, consistency, action, coverage = shipped.judge.criteria
    said = verdicts(
        *((each, "yes", item) for each in (grounding, consistency) for item in (0, 1)),
        (action, "yes", 0),
        (action, "no", 1),
        (coverage, "yes"),
    )
    specs = (*shipped.gates, *shipped.scores, *shipped.penalties, *shipped.metrics)
    result = result_of(shipped, said, {spec.name: CheckResult(1.0) for spec in specs})
    assert result.reward == pytest.approx(0.925)
    assert shown(result)["rubric"] == pytest.approx(0.9)


def test_the_smallest_score_counts_with_minimum() -> None:
    least = replace(
        definition(scores=(check_spec("a", 9.0), check_spec("b"))),
        combine="minimum",
    )
    assert result_of(least, results={"a": CheckResult(1.0), "b": CheckResult(0.25)}).reward == 0.25


ESSENTIAL = criterion("Essential", essential=True)
PITFALL = criterion("Pitfall", -1.0)
JUDGED = definition(ESSENTIAL, PITFALL)
GOOD = verdicts((ESSENTIAL, "yes"), (PITFALL, "no"))
BLOCKED = result_of(JUDGED, blocked=Unscored(Reason.NO_SOURCE))
CASES = {
    "the row is malformed, or lacks what a check or the judge needs": BLOCKED,
    "a gate or score failed to run: out of time, or an error in its code": BLOCKED,
    "the rollout's own text stopped the judge": result_of(JUDGED, Unscored(Reason.FILTERED)),
    "the judge failed otherwise, or answered too little": result_of(JUDGED, Unscored(Reason.THROTTLED)),
    "an essential criterion was answered no": result_of(JUDGED, verdicts((ESSENTIAL, "no"), (PITFALL, "no"))),
    "none of these": result_of(JUDGED, GOOD),
}
REWARDS = {"by the failure policy": 0.5, "the low end of the range": 0.0, "the formula below": 1.0}
RULES = {row[0]: row[1:] for row in next(tables(sections(PAGE)["Which rule sets the reward"]))[1:]}


@pytest.mark.parametrize("case", CASES)
def test_a_case_has_the_reward_and_the_flags_of_its_row(case: str) -> None:
    reward, flags = RULES[case]
    values = shown(CASES[case])
    assert CASES[case].reward == REWARDS[reward]
    assert {name for name in FLAGS if values.get(name) == 1.0} - {"judge_coverage"} == set(
        re.findall(r"`(\w+)`", flags)
    )


def test_every_metric_has_a_row() -> None:
    listed = keys(next(tables(sections(PAGE)["Metrics of a result"])))
    assert set(listed) == {*FLAGS, RUBRIC}
