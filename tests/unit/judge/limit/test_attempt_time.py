"""How long an attempt may take: the configured time-out until the model's own answers say more."""

import pytest

from reward_fn.judge.limit.attempt_time import ANSWERS_KEPT, ENOUGH_ANSWERS, AttemptTime


def after(*took_s: float) -> AttemptTime:
    attempt_time = AttemptTime()
    for each in took_s:
        attempt_time.answered(each)
    return attempt_time


def test_a_few_answers_say_nothing() -> None:
    assert ENOUGH_ANSWERS == 8
    assert after(*[0.1] * 7).limit_s(30.0) == 30.0


def test_then_four_times_the_slowest_is_the_limit() -> None:
    # 4 x 3 s
    assert after(*[0.5] * 7, 3.0).limit_s(30.0) == 12.0


def test_the_limit_is_never_below_2_s_nor_above_the_time_out() -> None:
    assert after(*[0.01] * 8).limit_s(30.0) == 2.0
    assert after(*[20.0] * 8).limit_s(30.0) == 30.0
    assert after(*[0.01] * 8).limit_s(1.5) == 1.5


@pytest.mark.parametrize(("timed_out", "limit_s"), [(0, 2.0), (1, 4.0), (2, 8.0), (3, 16.0), (4, 30.0)])
def test_it_doubles_with_each_time_out_of_the_same_call(timed_out: int, limit_s: float) -> None:
    assert after(*[0.3] * 8).limit_s(30.0, timed_out) == limit_s


def test_only_the_last_answers_count() -> None:
    assert after(25.0, *[1.0] * ANSWERS_KEPT).limit_s(30.0) == 4.0
    assert after(5.0, *[1.0] * (ANSWERS_KEPT - 1)).limit_s(30.0) == 20.0
