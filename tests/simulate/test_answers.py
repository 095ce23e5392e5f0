"""Stored answers: start, ceiling, groups of one, groups of several sizes."""

import pytest

from rewardctl.simulate.stored.answers import Answer, Answers, StoredError
from tests.simulate.stored import answers, row


def test_start_and_ceiling_are_means_over_prompts() -> None:
    # The first prompt: 1 of 4 right, best 1. The second: 1 of 2 right, best 1. The third: none.
    stored = answers([(1, 1, 1)] + [(0, 0, 1)] * 3, [(1, 1, 1), (0, 0, 1)], [(0, 0, 1)] * 2)
    assert stored.start == pytest.approx((0.25 + 0.5 + 0) / 3)
    assert stored.ceiling == pytest.approx(2 / 3)


def test_a_negative_best_answer_is_not_hidden_by_padding() -> None:
    stored = answers([(0.2, 0, 1)] * 2, [(0.1, 0, 1)] * 3)
    assert stored.ceiling == pytest.approx(0.15)


def test_prompts_with_one_answer_are_left_out_and_counted() -> None:
    stored = answers([(1, 1, 1)], [(1, 1, 1), (0, 0, 1)])
    assert (len(stored.truth), stored.left_out) == (1, 1)


def test_only_groups_of_one_is_an_error_with_a_remedy() -> None:
    with pytest.raises(StoredError, match=r"2 prompts with one.*Score several rollouts of each prompt"):
        answers([(1, 1, 1)], [(0, 0, 1)])


def test_an_answer_without_a_reward_of_its_own_is_marked() -> None:
    stored = Answers.of([Answer("p", 1.0, None, 1, row("a", "")), Answer("p", 0.0, 0.5, 1, row("b", ""))])
    assert stored.unscored.tolist() == [[True, False]]


def test_the_longest_answer_of_each_prompt_is_marked_once() -> None:
    stored = answers([(0, 0, 3), (0, 0, 7), (0, 0, 7)], [(0, 0, 2), (0, 0, 1)])
    assert stored.longest().tolist() == [[False, True, False], [True, False, False]]
