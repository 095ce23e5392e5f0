"""The circuit breaker: opens on a judge that is down, answers at once, soon knows that it is back."""

import pytest

from reward_fn.errors import JudgeFailure
from reward_fn.judge.breaker import LEAST_CALLS, PROBE_EVERY_S, WINDOW_CALLS, Breaker
from reward_fn.rubric import Reason
from tests.unit.test_limiter import Clock


def end(breaker: Breaker, *reasons: Reason | None) -> None:
    for reason in reasons:
        breaker.ended(reason)


def turned_away(breaker: Breaker) -> bool:
    try:
        breaker.enter()
    except JudgeFailure as failure:
        return failure.reason is Reason.CIRCUIT_OPEN and failure.final
    return False


def open_one(clock: Clock) -> Breaker:
    breaker = Breaker(clock)
    end(breaker, *[Reason.UNAVAILABLE] * LEAST_CALLS)
    return breaker


def time_out(breaker: Breaker, clock: Clock, took_s: float) -> None:
    """A call begins now, hangs and times out."""
    clock.now_s += took_s
    breaker.ended(Reason.TIMEOUT, took_s)


@pytest.mark.parametrize("reason", [Reason.UNAVAILABLE])
def test_it_opens_when_nearly_all_calls_find_the_judge_down(reason: Reason) -> None:
    breaker = Breaker(Clock())
    end(breaker, *[reason] * (LEAST_CALLS - 1))
    assert not breaker.is_open()
    end(breaker, reason)
    assert breaker.is_open()
    assert turned_away(breaker)


def test_it_opens_after_many_good_calls_as_well() -> None:
    # 16 of the last 20 calls are 80 %.
    breaker = Breaker(Clock())
    end(breaker, *[None] * 500, *[Reason.UNAVAILABLE] * 15)
    assert not breaker.is_open()
    end(breaker, Reason.UNAVAILABLE)
    assert breaker.is_open()
    assert WINDOW_CALLS == 20


@pytest.mark.parametrize("reason", [Reason.THROTTLED, Reason.MALFORMED, Reason.DENIED, Reason.FILTERED, None])
def test_nothing_but_outages_opens_it(reason: Reason | None) -> None:
    breaker = Breaker(Clock())
    end(breaker, *[reason] * 100)
    assert not breaker.is_open()


def test_throttles_hide_no_outage() -> None:
    breaker = Breaker(Clock())
    end(breaker, *[Reason.UNAVAILABLE, Reason.THROTTLED] * LEAST_CALLS)
    assert breaker.is_open()


def test_half_the_calls_failing_leaves_it_closed_for_retries() -> None:
    breaker = Breaker(Clock())
    end(breaker, *[Reason.UNAVAILABLE, None] * 50)
    assert not breaker.is_open()


def test_old_failures_are_forgotten() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    end(breaker, *[Reason.UNAVAILABLE] * (LEAST_CALLS - 1))
    clock.now_s += 61.0
    end(breaker, Reason.UNAVAILABLE)
    assert not breaker.is_open()


def test_one_probe_goes_out_every_two_seconds_even_where_one_hangs() -> None:
    clock = Clock()
    breaker = open_one(clock)
    passed = []
    for _ in range(100):
        clock.now_s += 0.1
        passed.append(not turned_away(breaker))
    assert sum(passed) == 5  # in 10 s
    assert PROBE_EVERY_S == 2.0


@pytest.mark.parametrize("answer", [None, Reason.MALFORMED, Reason.REFUSED])
def test_a_probe_that_is_answered_closes_it(answer: Reason | None) -> None:
    clock = Clock()
    breaker = open_one(clock)
    clock.now_s += PROBE_EVERY_S
    assert breaker.enter()
    end(breaker, answer)
    assert not breaker.is_open()
    assert not turned_away(breaker)
    end(breaker, *[Reason.UNAVAILABLE] * 2)
    assert not breaker.is_open()  # it counts from zero again


@pytest.mark.parametrize("answer", [Reason.UNAVAILABLE, Reason.TIMEOUT, Reason.THROTTLED])
def test_a_probe_that_fails_leaves_it_open(answer: Reason) -> None:
    clock = Clock()
    breaker = open_one(clock)
    clock.now_s += PROBE_EVERY_S
    assert breaker.enter()
    end(breaker, answer)
    assert turned_away(breaker)


# A judge that hangs


def test_three_time_outs_in_a_row_open_it_however_long_they_take() -> None:
    # 3 x 45 s: never more than one in the last minute.
    clock = Clock()
    breaker = Breaker(clock)
    for opens in (False, False, True):
        time_out(breaker, clock, took_s=45.0)
        assert breaker.is_open() == opens


@pytest.mark.parametrize("answer", [None, Reason.MALFORMED, Reason.FILTERED, Reason.OVERFLOW])
def test_an_answer_between_time_outs_begins_the_count_anew(answer: Reason | None) -> None:
    clock = Clock()
    breaker = Breaker(clock)
    for _ in range(20):
        time_out(breaker, clock, took_s=45.0)
        time_out(breaker, clock, took_s=45.0)
        end(breaker, answer)
    assert not breaker.is_open()


@pytest.mark.parametrize("other", [Reason.THROTTLED, Reason.UNAVAILABLE])
def test_what_is_no_answer_does_not(other: Reason) -> None:
    clock = Clock()
    breaker = Breaker(clock)
    for _ in range(3):
        time_out(breaker, clock, took_s=45.0)
        end(breaker, other)
    assert breaker.is_open()


def test_stragglers_among_calls_that_were_answered_do_not_open_it() -> None:
    # 7 calls began 30 s ago, as others did that were answered 28 s ago.
    clock = Clock()
    breaker = Breaker(clock)
    clock.now_s += 2.0
    end(breaker, None)
    clock.now_s += 28.0
    for _ in range(LEAST_CALLS - 2):
        breaker.ended(Reason.TIMEOUT, 30.0)
    assert not breaker.is_open()
