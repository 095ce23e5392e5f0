"""An instant on a clock, and what is left until it."""

from typing import Any

import pytest

from reward_fn.deadline import DEFAULT_BUDGET_S, Deadline, budget_s


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


class LambdaContext:
    """A context with Lambda's clock, in milliseconds."""

    def __init__(self, remaining_ms: float) -> None:
        self._remaining_ms = remaining_ms

    def get_remaining_time_in_millis(self) -> float:
        return self._remaining_ms


@pytest.mark.parametrize("context", [{}, None, object()])
def test_without_a_clock_a_batch_has_the_longest_time_or_the_default(context: Any) -> None:
    assert budget_s(context, longest_s=7.0, margin_s=2.0) == 7.0
    assert budget_s(context, longest_s=0.0, margin_s=2.0) == DEFAULT_BUDGET_S


@pytest.mark.parametrize(
    ("remaining_ms", "longest_s", "margin_s", "seconds"),
    [
        (60_000, 0.0, 2.0, 58.0),  # the clock less the margin
        (60_000, 0.0, 5.0, 55.0),
        (60_000, 20.0, 2.0, 20.0),  # the longest time, if it is shorter
        (10_000, 20.0, 2.0, 8.0),
        (3_000, 0.0, 2.0, 1.5),  # less than two margins are left: half of it
        (100, 0.0, 60.0, 0.05),
        (0, 0.0, 2.0, 0.0),
        (-50, 0.0, 2.0, 0.0),
    ],
)
def test_with_a_clock_a_batch_has_the_time_left_less_a_margin(
    remaining_ms: float, longest_s: float, margin_s: float, seconds: float
) -> None:
    assert budget_s(LambdaContext(remaining_ms), longest_s=longest_s, margin_s=margin_s) == seconds
