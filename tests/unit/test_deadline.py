"""An instant on a clock, and what is left until it."""

import pytest

from reward_fn.deadline import Deadline


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now_s: float) -> None:
        self.now_s = now_s

    def __call__(self) -> float:
        return self.now_s


def test_what_is_left_shrinks_as_the_clock_runs() -> None:
    clock = Clock(100.0)
    deadline = Deadline.after(2.5, clock)
    assert (deadline.at_s, deadline.remaining_s()) == (102.5, 2.5)
    clock.now_s = 101.0
    assert deadline.remaining_s() == 1.5


@pytest.mark.parametrize("late_s", [0.0, 0.001, 1e9])
def test_nothing_is_left_at_the_deadline_or_after_it(late_s: float) -> None:
    clock = Clock(100.0)
    deadline = Deadline.after(2.0, clock)
    clock.now_s = 102.0 + late_s
    assert deadline.remaining_s() == 0.0


def test_a_budget_below_zero_is_a_deadline_that_has_passed() -> None:
    assert Deadline.after(-5.0, Clock(100.0)).remaining_s() == 0.0


def test_the_clock_is_monotonic_unless_another_is_given() -> None:
    assert 0.0 < Deadline.after(60.0).remaining_s() <= 60.0


def test_a_step_has_its_share_of_the_time_left_and_no_more() -> None:
    now_s = [100.0]
    deadline = Deadline.after(8.0, lambda: now_s[0])
    step = deadline.share(0.25)
    assert (step.at_s, step.is_over()) == (102.0, False)
    now_s[0] = 102.0
    assert (step.is_over(), deadline.is_over()) == (True, False)
    now_s[0] = 110.0
    assert deadline.is_over()
    assert deadline.share(0.5).remaining_s() == 0.0


def test_an_earlier_deadline_leaves_the_seconds_that_were_asked_for() -> None:
    assert Deadline(110.0, lambda: 100.0).earlier(2.5).at_s == 107.5
