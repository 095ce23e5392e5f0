"""The level of a batch's rewards, and the groups whose rewards are all equal."""

from dataclasses import replace

import pytest

from reward_fn.definition.load import load_definition
from reward_fn.report.signals import compared_groups, reward_level, zero_variance_share
from reward_fn.score.aggregate import aggregate
from reward_fn.types.batch import Examined
from reward_fn.types.check import CheckResult
from reward_fn.types.verdict import Outcome
from tests.factory import rollout
from tests.unit.report.reporting import SERVED, result
from tests.unit.rubric import judged


@pytest.mark.parametrize(
    ("rewards", "level"),
    [
        ([-1.0, -1.0], 0.0),
        ([1.0, 1.0], 1.0),
        ([-1.0, 0.0, 1.0, 1.0], 0.625),  # the mean 0.25 lies at (0.25 + 1) / 2
        ([], None),
    ],
)
def test_the_level_is_the_mean_within_the_definitions_range(
    rewards: list[float], level: float | None
) -> None:
    wide = replace(SERVED, low=-1.0, high=1.0)
    imputed = result(9, 0.0, imputed=True)
    assert reward_level([*(result(i, reward) for i, reward in enumerate(rewards)), imputed], wide) == level


@pytest.mark.parametrize(
    ("rewards", "counts", "share"),
    [
        ({"a": [0.5, 0.5], "b": [0.0, 1.0]}, (2, 1), 0.5),
        ({"a": [0.5, 0.5, 0.5], "b": [0.0, 0.0], "c": [0.0, 0.1]}, (3, 2), 2 / 3),
        ({"a": [0.5, 0.5], "b": [1.0]}, (1, 1), 1.0),  # a group of one is no question
        ({"a": [0.5], "b": [1.0]}, (0, 0), None),
        ({}, (0, 0), None),
    ],
)
def test_the_share_of_groups_with_no_variance_by_hand(
    rewards: dict[str, list[float]], counts: tuple[int, int], share: float | None
) -> None:
    pairs = [(group, reward) for group, each in rewards.items() for reward in each]
    results = [result(i, reward, group) for i, (group, reward) in enumerate(pairs)]
    assert compared_groups(results) == counts
    assert zero_variance_share(results) == share


def test_imputed_rewards_and_rows_without_a_group_have_no_part_in_it() -> None:
    results = [
        result(0, 0.5, "a", imputed=True),
        result(1, 0.5, "a", imputed=True),
        result(2, 0.5, None),
        result(3, 0.5, None),
        result(4, 0.2, "b"),
        result(5, 0.2, "b"),
        result(6, 0.5, "b", imputed=True),
    ]
    assert zero_variance_share(results) == 1.0


def test_rewards_that_differ_by_rounding_alone_are_no_variance() -> None:
    # Three comments under the weights of contract-review. First: two are grounded (2 * 1.2 / 3 = 0.8), and
    # Coverage (1). Second: all three are actionable (3 * 0.8 / 3 = 0.8), and Coverage. Both come to 1.8 of 4.
    served = load_definition("contract-review")
    assert served.judge
    grounded, consistent, actionable, coverage = served.judge.criteria

    def answers(grounded_items: tuple[int, ...], actionable_items: tuple[int, ...]) -> Outcome:
        return judged(
            *((grounded, "yes" if i in grounded_items else "no", i) for i in range(3)),
            *((consistent, "no", i) for i in range(3)),
            *((actionable, "yes" if i in actionable_items else "no", i) for i in range(3)),
            (coverage, "yes"),
        )

    checks = dict.fromkeys(("hollow_answer", "json_schema", "quotes_source", "length"), CheckResult(1.0))
    entries = [Examined(rollout("x", index=i), checks) for i in range(2)]
    results = aggregate(entries, {0: answers((1, 2), ()), 1: answers((), (0, 1, 2))}, served)
    assert results[0].reward == pytest.approx(results[1].reward)
    assert zero_variance_share(results) == 1.0
