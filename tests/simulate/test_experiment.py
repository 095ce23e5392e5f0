"""Scenarios with seeds: which there are, intervals, cautions, and the order on real rollouts."""

import os
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from rewardctl.simulate.stored.experiment import Finding, Interval, cautions, run_all
from rewardctl.simulate.stored.grpo import Plan
from rewardctl.simulate.stored.read import Source, read_source
from rewardctl.simulate.stored.scenarios import DEFINITION, GOOD, HARD, JUDGE, OWN, RANDOM, scenarios
from tests.conftest import ROOT
from tests.simulate.stored import answers

SOLUTIONS = Path(os.environ.get("DATA_DIR") or ROOT.parent / "shared" / "data") / "gsm8k_rollouts.jsonl"
MIXED = [(1, 1, 5), (0, 0, 9), (0, 1, 5), (0, 0, 5)]


def source(*groups: Sequence[tuple[float, float | None, int]], has_truth: bool = True) -> Source:
    return Source(answers(*groups), "mine", has_truth, is_math=False)


def by_name(findings: list[Finding], topic: str) -> dict[str, Finding]:
    return {finding.name: finding for finding in findings if finding.topic == topic}


def test_equal_values_have_no_interval() -> None:
    interval = Interval.of([0.374, 0.374, 0.374])
    assert interval.mean == pytest.approx(0.374)
    assert interval.low is interval.high is None


def test_the_interval_is_students() -> None:
    # Mean 0.5, deviation 0.1, n = 3, t(0.975, 2) = 4.303: half = 0.4303 / sqrt(3) = 0.2484.
    interval = Interval.of([0.4, 0.5, 0.6])
    assert (interval.mean, interval.low, interval.high) == pytest.approx((0.5, 0.2516, 0.7484), abs=1e-4)


def test_an_interval_of_shares_stays_between_0_and_1() -> None:
    assert (Interval.of([0.0, 0.2]).low, Interval.of([0.8, 1.0]).high) == (0.0, 1.0)


def test_a_judge_is_compared_with_random_errors_at_its_rates() -> None:
    # One of three wrong answers a prompt is accepted: TPR 1, FPR 1/3.
    found = {scenario.name: scenario for scenario in scenarios(source(MIXED, MIXED))}
    assert found["this run"].note == "TPR 1.00, FPR 0.33"
    assert found["random as this run"].signal.rates == pytest.approx((1.0, 1 / 3))


def test_without_truth_no_error_of_the_judge_can_show() -> None:
    known = source(MIXED, has_truth=False)
    assert "this run" not in {scenario.name for scenario in scenarios(known)}
    assert "errors of the judge can't show" in cautions(known, [])[0]


def test_failures_of_the_run_are_an_experiment_of_their_own() -> None:
    topics = {scenario.topic for scenario in scenarios(source([(1, 1, 5), (0, None, 9), (0, 0, 5)]))}
    assert OWN in topics
    assert OWN not in {scenario.topic for scenario in scenarios(source(MIXED))}


def test_a_saturated_start_is_said() -> None:
    easy = source(*[[(1, 1, 1), (1, 1, 2)]] * 4)
    findings = run_all(easy, Plan(steps=2), seeds=2)
    assert all("next to nothing to learn" in finding.caution for finding in findings)
    notes = cautions(easy, findings)
    assert notes[0] == "Only 0% of the prompts have right and wrong answers; no other teaches."
    assert notes[-1].startswith("Everything is saturated")


def test_a_start_near_zero_is_said() -> None:
    hard = source([(1, 1, 1)] + [(0, 0, 1)] * 24)
    (first, *_) = run_all(hard, Plan(steps=1), seeds=2)
    assert "near 0" in first.caution


@pytest.mark.data
def test_the_order_on_real_rollouts_is_the_known_one() -> None:
    if not SOLUTIONS.is_file():
        pytest.skip(f"no {SOLUTIONS.name} in DATA_DIR (default: ../shared/data)")
    findings = run_all(read_source(SOLUTIONS, None), Plan(steps=20), seeds=3)
    judges = by_name(findings, JUDGE)
    order = ["perfect", "random as 1 sibling", "random as 2 siblings"]
    order += ["1 sibling", "2 siblings", "constant yes"]
    ends = [judges[name].end for name in order]
    assert_apart(ends)
    assert ends[-1].mean == pytest.approx(judges["perfect"].start)
    assert judges["random as 2 siblings"].end.mean > judges["1 sibling"].end.mean + 0.1
    at_random = [finding.end.mean for finding in by_name(findings, RANDOM).values()]
    assert max(at_random) - min(at_random) < 0.01
    hard = by_name(findings, HARD)
    for name in ("zero", "siblings", "masked"):
        assert_apart([hard[name].end, hard["neutral (0.5)"].end])
    good = by_name(findings, GOOD)
    for better in ("siblings", "masked"):
        for worse in ("neutral (0.5)", "zero"):
            assert_apart([good[better].end, good[worse].end])
    definitions = by_name(findings, DEFINITION)
    assert definitions["dead component, short"].end.mean < judges["perfect"].start
    assert definitions["longer is better"].end.mean < judges["constant yes"].end.mean + 0.02


def assert_apart(ends: list[Interval]) -> None:
    """Each interval lies above the next one."""
    for above, below in pairwise(ends):
        low, high = above.low, below.mean if below.high is None else below.high
        assert low is not None
        assert low > high
