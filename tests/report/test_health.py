"""Whether a run is healthy: examples of each verdict, and the three sentences."""

import dataclasses
from random import Random
from typing import Any

import pytest

from reward_fn.types.definition import Definition
from rewardctl.report.figures import ComponentFigures, Figures, GateFigures
from rewardctl.report.health import Health, health_of
from tests.report.records import figures, groups, record
from tests.unit.rubric import check_spec, definition

EXACT = definition(scores=(check_spec("exact", 3.0), check_spec("style", 1.0)))


def varied(count: int = 20, size: int = 4, seed: int = 1) -> list[list[float]]:
    """Rewards of groups that all differ."""
    rng = Random(seed)
    return [[rng.random() for _ in range(size)] for _ in range(count)]


def codes(health: Health) -> list[str]:
    return [finding.code for finding in health.findings]


def with_parts(run: Figures, *parts: ComponentFigures) -> Figures:
    return dataclasses.replace(run, components=parts)


def part(name: str = "exact", **fields: Any) -> ComponentFigures:
    """A component of weight 3 that varies, unless ``fields`` say otherwise."""
    usual = ComponentFigures(name, "score", 3.0, 80, 0.5, 0.3, 0.7, 0.0, 1.0)
    return dataclasses.replace(usual, **fields)


def test_a_run_with_rewards_that_differ_is_healthy() -> None:
    health = health_of(figures(groups(varied())))
    assert (health.verdict, health.findings) == ("healthy", ())
    assert health.is_healthy == "Healthy: nothing found that keeps this reward from training."
    assert health.why.startswith("Rewards differ in 100 % of 20 groups, and the mean of 80 rollouts is 0.")
    assert health.do == "Read the most surprising rollouts below, then train."


def test_half_the_groups_without_variance_deserve_a_closer_look() -> None:
    health = health_of(figures(groups([*varied(10), *[[0.0] * 4] * 10])))
    assert health.verdict == "look closer"
    assert health.is_healthy == "Look closer: 50 % of the groups have the same reward for all their rollouts."
    assert health.why == (
        "Such groups train nothing (10 at the low end, 0 at the high end), so the same signal takes 2.0 "
        "times as many rollouts."
    )
    assert health.do == "Most of these groups earn nothing: use easier prompts, or give partial credit."


def test_easy_prompts_are_told_from_hard_ones() -> None:
    health = health_of(figures(groups([*varied(10), *[[1.0] * 4] * 10])))
    assert health.do == "Most of these groups earn everything: use harder prompts, or ask for more."


def test_nine_in_ten_groups_without_variance_are_a_problem() -> None:
    assert health_of(figures(groups([*varied(2), *[[0.5] * 4] * 18]))).verdict == "not healthy"


def test_a_third_of_the_groups_is_where_it_begins() -> None:
    few = [*varied(14), *[[0.5] * 4] * 6]
    some = [*varied(13), *[[0.5] * 4] * 7]
    assert "tied_groups" not in codes(health_of(figures(groups(few))))
    assert "tied_groups" in codes(health_of(figures(groups(some))))


def test_rewards_that_are_all_alike_are_one_problem_and_not_three() -> None:
    health = health_of(figures(groups([[0.0] * 4] * 20)))
    assert (health.verdict, codes(health)) == ("not healthy", ["all_alike"])
    assert health.is_healthy == "Not healthy: all 80 rollouts earn the same reward, 0."


def test_a_mean_at_the_end_of_the_range_is_a_problem() -> None:
    low = [[0.0, 0.0, 0.0, 0.05]] * 20
    assert "end_of_range" in codes(health_of(figures(groups(low))))
    high = health_of(figures(groups([[1.0, 1.0, 1.0, 0.95]] * 20)))
    assert (high.verdict, high.do) == (
        "not healthy",
        "Use harder prompts, or check whether something earns the reward too easily.",
    )


def test_a_main_component_that_is_stuck_at_zero_is_a_problem() -> None:
    run = with_parts(
        figures(groups(varied())),
        part("exact", mean=0.0, within_sd=0.0, share=0.0, lowest=0.0, highest=0.0),
        part("style", weight=1.0),
    )
    health = health_of(run)
    assert (health.verdict, codes(health)) == ("not healthy", ["stuck_component"])
    assert health.is_healthy == "Not healthy: the component exact is stuck at 0."


def test_a_minor_component_that_is_stuck_is_a_warning() -> None:
    run = with_parts(
        figures(groups(varied())),
        part("exact"),
        part("style", weight=1.0, within_sd=0.0, share=0.0, lowest=0.2, highest=0.7),
    )
    health = health_of(run)
    assert health.verdict == "look closer"
    assert health.is_healthy == "Look closer: the component style is the same for all of a group."


def test_a_component_that_everybody_gets_in_full_is_only_a_note() -> None:
    at_best = part("exact", within_sd=0.0, share=0.0, lowest=1.0, highest=1.0)
    health = health_of(with_parts(figures(groups(varied())), at_best))
    assert (health.verdict, codes(health)) == ("healthy", ["component_at_best"])


def test_a_pitfall_that_nobody_falls_into_is_at_its_best() -> None:
    pitfall = part("Flattery", role="criterion", weight=-1.0, within_sd=0.0, lowest=0.0, highest=0.0)
    assert codes(health_of(with_parts(figures(groups(varied())), pitfall))) == ["component_at_best"]


def test_a_main_component_without_a_part_in_the_advantage_is_a_warning() -> None:
    run = with_parts(
        figures(groups(varied())), part("exact", share=0.01), part("style", weight=1.0, share=0.99)
    )
    health = health_of(run)
    assert (health.verdict, codes(health)) == ("look closer", ["idle_component"])
    assert health.is_healthy == "Look closer: exact has 75 % of the weight and 1 % of the advantage."


@pytest.mark.parametrize(
    ("passed", "verdict"), [(0, "not healthy"), (4, "not healthy"), (5, "look closer"), (20, "healthy")]
)
def test_a_gate_that_few_pass_is_named(passed: int, verdict: str) -> None:
    gate = GateFigures("json_schema", 100, 100 - passed, passed / 100)
    health = health_of(dataclasses.replace(figures(groups(varied())), gates=(gate,)))
    assert health.verdict == verdict
    if passed < 20:
        assert health.is_healthy.endswith(f"the gate json_schema lets {passed} % of 100 rollouts pass.")


def failed(count: int) -> list[dict[str, Any]]:
    reasons = [{"reason": "throttled", "detail": ""}]
    return [record(0.5, f"g{i}", imputed=True, reasons=reasons) for i in range(count)]


def test_a_judge_that_leaves_many_without_a_reward_is_a_problem() -> None:
    health = health_of(figures([*groups(varied()), *failed(10)]))
    assert health.verdict == "not healthy"
    assert health.is_healthy == (
        "Not healthy: the judge left 10 rollouts (11.1 %) without a reward of their own."
    )
    assert health.why == "Most often by throttled; the failure policy filled them in."


def test_verdicts_of_the_stand_in_are_no_verdicts() -> None:
    call = {"model": "stand-in", "shared_by": 1, "latency_s": 0.1, "failure": None}
    judged = figures(groups(varied(), calls=[call]), facts={"judge": "stand-in"})
    assert health_of(judged).is_healthy == (
        "Look closer: the judge was the offline stand-in, which compares words."
    )
    assert health_of(figures(groups(varied()), facts={"judge": "stand-in"})).verdict == "healthy"


def test_a_single_failure_of_the_judge_is_a_note() -> None:
    health = health_of(figures([*groups(varied()), *failed(1)]))
    assert (health.verdict, codes(health)) == ("healthy", ["failing_judge"])


def test_rows_that_can_not_be_read_come_first() -> None:
    """18 of 20 rows neutral because of a wrong path must not look like a result, however few they are."""
    flags = [{"name": "rejected", "value": 1.0, "type": "Metric"}]
    lost = [
        record(0.5, None, imputed=True, metrics=flags, reasons=[{"reason": "no_source", "detail": ""}])
        for _ in range(18)
    ]
    health = health_of(figures([*lost, *groups([(0, 1)])]))
    assert health.verdict == "not healthy"
    assert health.is_healthy == "Not healthy: 18 of 20 rows (90 %) could not be scored."
    assert "the most frequent reason is no_source" in health.why
    assert "failing_judge" not in codes(health)


def test_lines_of_the_data_that_gave_no_record_count_as_unreadable() -> None:
    health = health_of(figures(groups(varied()), unreadable={"not_json": 20}))
    assert health.is_healthy == "Not healthy: 20 of 100 rows (20 %) could not be scored."


@pytest.mark.parametrize(
    ("noise", "verdict"), [(0.0, "not healthy"), (2.0, "look closer"), (30.0, "healthy")]
)
def test_length_that_pays_is_noticed_by_its_strength(noise: float, verdict: str) -> None:
    rng = Random(4)
    rows = []
    for group in range(40):
        for _ in range(4):
            length = rng.randint(10, 100)
            rows.append(
                record(length / 100 + noise * (rng.random() - 0.5), f"g{group}", response="x" * length)
            )
    health = health_of(figures(rows))
    assert health.verdict == verdict
    assert ("length_pays" in codes(health)) == (verdict != "healthy")


def test_length_that_differs_only_between_prompts_is_explained() -> None:
    """Hard prompts have long answers; within a group the length says nothing."""
    rng = Random(2)
    rows = [
        record(
            rng.random() / 2 + (group % 2) / 2, f"g{group}", response="x" * (500 - 400 * (group % 2) + j % 2)
        )
        for group in range(40)
        for j in range(4)
    ]
    health = health_of(figures(rows))
    assert (health.verdict, codes(health)) == ("healthy", ["length_of_prompts"])


def test_too_few_rollouts_give_no_verdict() -> None:
    health = health_of(figures(groups([[0.0] * 4] * 7)))
    assert health.verdict == "too few to say"
    assert health.is_healthy == (
        "Too few rollouts to say whether this reward is healthy: 28 rollouts with a reward of their own."
    )


def provoked(count: int) -> list[dict[str, Any]]:
    flags = [{"name": "provoked", "value": 1.0, "type": "Metric"}]
    reasons = [{"reason": "overflow", "detail": ""}]
    return [record(0.0, f"p{i}", metrics=flags, reasons=reasons) for i in range(count)]


def test_a_judge_that_always_fails_is_a_problem_in_any_number_of_rollouts() -> None:
    """More rollouts would not help, so "score at least 30" would be the wrong advice."""
    health = health_of(figures(failed(8)))
    assert health.is_healthy == (
        "Not healthy: the judge left 8 rollouts (100 %) without a reward of their own."
    )


@pytest.mark.parametrize(("count", "verdict"), [(1, "healthy"), (40, "not healthy")])
def test_many_judge_failures_that_count_as_the_rollouts_own_are_a_problem(count: int, verdict: str) -> None:
    """They earn the low end of the range, and no reward is imputed: they look like a result."""
    health = health_of(figures([*groups(varied()), *provoked(count)]))
    assert health.verdict == verdict
    assert "provoked_judge" in codes(health)


def test_a_judge_that_no_rollout_fits_into_is_named_as_the_cause() -> None:
    health = health_of(figures(provoked(8)))
    assert health.is_healthy == (
        "Not healthy: the judge failed on 8 rollouts (100 %) for what their text does to it."
    )
    assert "most often by overflow" in health.why


def test_prompts_with_one_answer_each_can_not_show_an_advantage() -> None:
    health = health_of(figures(groups(varied(60, size=1))))
    assert (health.verdict, health.is_healthy) == ("healthy", "Nothing found against this reward.")
    assert health.do == "Score several answers to each prompt: without them no advantage can be seen."


def test_further_findings_are_counted() -> None:
    rows = [*groups([*varied(10), *[[0.0] * 4] * 10]), *failed(10)]
    assert health_of(figures(rows)).why.endswith("; there is 1 more below.")


def test_voters_that_disagree_are_a_warning() -> None:
    rows = groups(varied())
    for row in rows:
        row["metrics"] = [{"name": "judge_agreement", "value": 0.7, "type": "Metric"}]
    assert codes(health_of(figures(rows))) == ["voters_differ"]


def test_mixed_definitions_are_a_warning() -> None:
    rows = groups(varied())
    rows[0]["definition_version"] = "v2"
    assert codes(health_of(figures(rows))) == ["mixed_definitions"]


def test_a_sum_of_real_components_has_no_finding() -> None:
    """exact varies with weight 3 and style with weight 1, in a definition that is at hand."""
    rng = Random(9)
    rows = []
    for group in range(20):
        for _ in range(4):
            exact, style = rng.random(), rng.random()
            scores = {"exact": exact, "style": style}
            rows.append(record(0.75 * exact + 0.25 * style, f"g{group}", scores))
    run = figures(rows, EXACT)
    assert isinstance(EXACT, Definition)
    assert sum(p.share or 0.0 for p in run.components) == pytest.approx(1.0)
    assert health_of(run).findings == ()
