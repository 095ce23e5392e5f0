"""The limiter: no cost without throttles, never above its rate, and all who share a quota settle near it."""

import random
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reward_fn.deadline import Deadline
from reward_fn.errors import JudgeFailure
from reward_fn.judge.limiter import (
    BURST_S,
    HIGHEST_PER_S,
    LOWEST_PER_S,
    START_PER_S,
    Limiter,
    Ticket,
)
from reward_fn.rubric import Reason
from tests.unit.quota import DEADLINE_S, Bucket, Chance, share_a_quota


class Clock:
    """Moved by the test."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def throttled_once(clock: Clock) -> Limiter:
    limiter = Limiter(clock)
    limiter.throttled(limiter.acquire(Deadline.after(60.0, clock), threading.Event()))
    return limiter


def test_without_a_throttle_nothing_is_held_back() -> None:
    limiter = Limiter(Clock())
    tickets = [limiter.take() for _ in range(1000)]
    assert None not in tickets
    assert limiter.rate_per_s is None


def test_the_first_throttle_begins_a_pace() -> None:
    clock = Clock()
    limiter = throttled_once(clock)
    assert limiter.rate_per_s == START_PER_S
    assert limiter.take() is None
    clock.now_s += 1 / START_PER_S
    assert limiter.take() is not None
    assert limiter.take() is None


def test_calls_that_began_before_a_cut_do_not_cut_again() -> None:
    limiter = Limiter(Clock())
    tickets = [limiter.take() or Ticket(-1) for _ in range(64)]
    for ticket in tickets:
        limiter.throttled(ticket)
    assert limiter.rate_per_s == START_PER_S


def test_it_paces_below_one_call_a_second_and_recovers() -> None:
    clock = Clock()
    limiter = throttled_once(clock)
    for _ in range(40):
        clock.now_s += 20.0
        limiter.throttled(limiter.take(1) or Ticket(-1))
    assert limiter.rate_per_s == pytest.approx(LOWEST_PER_S)
    before = limiter.rate_per_s or 0.0
    clock.now_s += 20.0
    limiter.succeeded(limiter.take(1) or Ticket(-1))
    assert (limiter.rate_per_s or 0.0) > before


def test_successes_of_calls_that_never_waited_say_nothing_of_the_rate() -> None:
    clock = Clock()
    limiter = throttled_once(clock)
    before = limiter.rate_per_s
    for _ in range(10):
        clock.now_s += 10.0
        limiter.succeeded(limiter.take() or Ticket(-1))
    assert limiter.rate_per_s == before


def test_a_wait_past_the_deadline_is_refused_at_once() -> None:
    clock = Clock()
    limiter = throttled_once(clock)
    waits: list[float] = []
    deadline = Deadline.after(0.5 / START_PER_S, clock)
    with pytest.raises(JudgeFailure) as caught:
        limiter.acquire(deadline, threading.Event(), pause=waits.append)
    assert (caught.value.reason, caught.value.final, waits) == (Reason.THROTTLED, True, [])


def test_who_can_ask_somebody_else_waits_until_it_gives_up_and_no_longer() -> None:
    # Leave comes in 1 / START s.
    clock = Clock()
    limiter = throttled_once(clock)
    deadline = Deadline.after(60.0, clock)
    with pytest.raises(JudgeFailure):
        limiter.acquire(deadline, threading.Event(), give_up=Deadline.after(0.5 / START_PER_S, clock))

    def pause(wait_s: float) -> None:
        clock.now_s += wait_s

    give_up = Deadline.after(1.5 / START_PER_S, clock)
    assert limiter.acquire(deadline, threading.Event(), give_up=give_up, pause=pause).waited


def test_abandonment_ends_a_wait_and_leaves_no_place_taken() -> None:
    clock = Clock()
    limiter = throttled_once(clock)
    abandoned = threading.Event()
    with pytest.raises(JudgeFailure) as caught:
        limiter.acquire(Deadline.after(600.0, clock), abandoned, pause=lambda _: abandoned.set())
    assert caught.value.reason is Reason.DEADLINE
    assert limiter._waiting == 0


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0.0, 0.3), st.sampled_from("stn")), min_size=50, max_size=400))
def test_never_more_than_rate_times_time_and_a_burst(steps: list[tuple[float, str]]) -> None:
    """Whatever comes of the calls: the highest rate of a stretch bounds what begins in it."""
    clock = Clock()
    limiter = throttled_once(clock)
    begun, began_s, highest = 0, clock.now_s, limiter.rate_per_s or 0.0
    for pause_s, outcome in steps:
        clock.now_s += pause_s
        ticket = limiter.take(1)
        if ticket is not None:
            begun += 1
            if outcome == "s":
                limiter.succeeded(ticket)
            elif outcome == "t":
                limiter.throttled(ticket)
        rate = limiter.rate_per_s
        assert rate is not None
        assert LOWEST_PER_S <= rate <= HIGHEST_PER_S
        highest = max(highest, rate)
        assert begun <= highest * (clock.now_s - began_s) + max(1.0, BURST_S * highest) + 1e-6


@pytest.mark.parametrize(("environments", "rollouts"), [(12, 64), (40, 16), (100, 1)])
def test_all_who_share_a_quota_settle_near_it(environments: int, rollouts: int) -> None:
    """A quota of 100 calls a second, half a second a call; the first 25 s are not counted."""
    random.seed(5)
    shared = share_a_quota(environments, rollouts, Bucket(100.0), until_s=90.0, warm_s=25.0)
    assert shared.served_per_s >= 90.0
    assert shared.rejected_share <= 0.1
    assert shared.least >= 0.2


def test_they_stay_there() -> None:
    """One that slows down by itself sees as many throttles as before: it must not take them for chance."""
    random.seed(3)
    shared = share_a_quota(12, 64, Bucket(100.0), until_s=240.0, warm_s=120.0)
    assert shared.served_per_s >= 90.0
    assert shared.rejected_share <= 0.05


def test_with_just_enough_quota_for_all_nobody_misses_the_deadline() -> None:
    """768 rollouts at 20 a second take 38 s: whoever got less than an equal part is hastened."""
    random.seed(2)
    shared = share_a_quota(12, 64, Bucket(20.0), until_s=240.0, warm_s=60.0)
    assert shared.served_per_s >= 18.0
    assert shared.longest_s <= DEADLINE_S


@pytest.mark.parametrize("share", [0.1, 0.2, 1 / 3])
def test_throttles_that_do_not_come_from_the_rate_do_not_stop_it(share: float) -> None:
    """A share of all calls is throttled at any rate. Where cuts went on, 64 rollouts would take minutes."""
    random.seed(5)
    shared = share_a_quota(1, 64, Chance(share), until_s=240.0, warm_s=0.0, latency_s=0.1)
    assert shared.longest_s <= DEADLINE_S


def test_a_quota_that_is_used_up_is_found_so_by_few_calls() -> None:
    """Nothing comes through for the rest of the minute: haste would serve nobody."""
    clock = Clock()
    limiter = throttled_once(clock)
    begun = 0
    for _ in range(500):
        clock.now_s += 0.1
        if ticket := limiter.take(64, 55.0):
            begun += 1
            limiter.throttled(ticket)
    assert (limiter.rate_per_s or 1.0) < 0.1
    assert begun <= 40
