"""Learning over stored answers: what moves the policy, and what does not."""

import numpy as np
import pytest

from rewardctl.simulate.stored.grpo import Plan, Signal, learn
from rewardctl.simulate.stored.policies import FILLS
from tests.simulate.stored import answers

STORED = answers(*[[(1, 1, 5), (0, 0, 9), (0, 0, 5), (0, 0, 5)]] * 20)
FEW = Plan(steps=15)


def test_a_perfect_reward_is_learned() -> None:
    curve = learn(STORED, Signal(STORED.truth), FEW, seed=0)
    assert curve.truth[0] == pytest.approx(0.25)
    assert curve.truth[-1] > 0.9


def test_the_curve_has_a_truth_before_each_step_and_after_the_last() -> None:
    curve = learn(STORED, Signal(STORED.truth), Plan(steps=3), seed=0)
    assert (len(curve.truth), len(curve.reward), len(curve.failed)) == (4, 3, 3)


def test_a_constant_reward_moves_nothing() -> None:
    curve = learn(STORED, Signal(np.ones(STORED.truth.shape)), FEW, seed=0)
    assert curve.truth == pytest.approx([0.25] * 16)


def test_a_reward_for_a_wrong_answer_is_learned_just_as_well() -> None:
    wrong = np.zeros(STORED.truth.shape)
    wrong[:, 1] = 1.0
    curve = learn(STORED, Signal(wrong), FEW, seed=0)
    assert curve.truth[-1] < 0.05
    assert curve.reward[-1] > 0.9


def test_random_errors_slow_learning_and_do_not_stop_it() -> None:
    noisy = learn(STORED, Signal(STORED.truth, rates=(0.8, 0.2)), Plan(steps=60), seed=0)
    clean = learn(STORED, Signal(STORED.truth), Plan(steps=60), seed=0)
    assert 0.9 < noisy.truth[-1] < clean.truth[-1]


def test_rates_of_chance_teach_nothing() -> None:
    curve = learn(STORED, Signal(STORED.truth, rates=(0.5, 0.5)), FEW, seed=0)
    assert curve.truth[-1] < 0.5


def test_one_seed_gives_one_curve() -> None:
    signal = Signal(STORED.truth, noise_sd=0.3)
    assert learn(STORED, signal, FEW, seed=3) == learn(STORED, signal, FEW, seed=3)
    assert learn(STORED, signal, FEW, seed=3) != learn(STORED, signal, FEW, seed=4)


def test_absent_answers_are_never_chosen() -> None:
    ragged = answers(*[[(0, 0, 1), (1, 1, 1)], [(1, 1, 1), (0, 0, 1), (0, 0, 1)]] * 5)
    curve = learn(ragged, Signal(ragged.truth), Plan(steps=40), seed=0)
    assert curve.truth[0] == pytest.approx((1 / 2 + 1 / 3) / 2)
    assert curve.truth[-1] > 0.9


def test_the_middle_of_the_range_pays_for_breaking_the_judge() -> None:
    # No answer is right, and the longest one breaks the judge in half of the calls.
    hard = answers(*[[(0, 0, 9), (0, 0, 5), (0, 0, 5), (0, 0, 5)]] * 20)
    failing = np.where(hard.longest(), 0.5, 0.0)
    shares = {
        name: learn(hard, Signal(hard.truth, failing=failing, fill=fill), FEW, seed=0).failed[-1]
        for name, fill in FILLS.items()
    }
    assert shares["neutral (0.5)"] > 0.4
    assert max(shares["siblings"], shares["zero"], shares["masked"]) < 0.3


def test_a_habit_carries_over_to_prompts_that_give_no_reason_for_it() -> None:
    # In the first prompts the longest answer earns 1. In the others all earn the same; the longest is right.
    kinds = ([(0, 0, 9), (0, 0, 5)], [(1, 0, 9), (0, 0, 5)])
    stored = answers(*[kind for kind in kinds for _ in range(10)])
    score = np.zeros(stored.truth.shape)
    score[:10, 0] = 1.0
    ends = [learn(stored, Signal(score), Plan(20, habit=habit), seed=0).truth[-1] for habit in (0, 5)]
    # Half of the prompts can be right: 0.25 is an even choice there, 0.5 the longest answer always.
    assert ends[0] == pytest.approx(0.25)
    assert ends[1] > 0.4
