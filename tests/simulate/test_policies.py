"""What a failed call earns: the shipped policies, and two others."""

import numpy as np

from reward_fn.score import policies as shipped_policies
from rewardctl.simulate.stored.policies import FILLS, shipped

REWARDS = np.array([[1.0, 0.0, 0.0, 0.0], [1.0, 1.0, 0.0, 1.0]])
FAILED = np.array([[False, False, True, False], [False, False, False, False]])


def test_neutral_gives_the_middle_of_the_range() -> None:
    rewards, counted = FILLS["neutral (0.5)"](REWARDS, FAILED)
    assert rewards.tolist() == [[1.0, 0.0, 0.5, 0.0], [1.0, 1.0, 0.0, 1.0]]
    assert counted.all()


def test_siblings_gives_the_mean_of_the_others() -> None:
    rewards, _ = FILLS["siblings"](REWARDS, FAILED)
    assert rewards[0].tolist() == [1.0, 0.0, 1 / 3, 0.0]


def test_a_group_in_which_all_failed_gets_the_middle_from_siblings() -> None:
    rewards, _ = FILLS["siblings"](np.zeros((1, 3)), np.ones((1, 3), bool))
    assert rewards.tolist() == [[0.5, 0.5, 0.5]]


def test_zero_and_masked() -> None:
    rewards, counted = FILLS["zero"](np.ones((1, 2)), np.array([[True, False]]))
    assert (rewards.tolist(), counted.tolist()) == ([[0.0, 1.0]], [[True, True]])
    assert FILLS["masked"](np.ones((1, 2)), np.array([[True, False]]))[1].tolist() == [[False, True]]


def test_every_shipped_policy_can_be_simulated() -> None:
    assert all(callable(shipped(name)) for name in shipped_policies.POLICIES)
    assert {name.split(" ")[0] for name in FILLS} >= set(shipped_policies.POLICIES)
