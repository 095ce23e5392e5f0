"""The circuit breaker: it sends calls to another model while one is down, and soon knows when it is back."""

import pytest

from reward_fn.errors import JudgeFailure
from reward_fn.judge.limit.breaker import FORGET_AFTER_S, OPENS_AT, PROBE_EVERY_S, Breaker
from reward_fn.types.unscored import Reason
from reward_fn.types.usage import BreakerEvent


class Clock:
    """Moved by the test."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def fail(breaker: Breaker, *keys: str, reason: Reason = Reason.UNAVAILABLE) -> None:
    for key in keys:
        breaker.failed(key, JudgeFailure(reason, "ServiceUnavailableException"))


def turned_away(breaker: Breaker) -> bool:
    try:
        breaker.enter()
    except JudgeFailure as failure:
        return failure.reason is Reason.CIRCUIT_OPEN and failure.final
    return False


def opened(clock: Clock) -> Breaker:
    breaker = Breaker("model-1", clock)
    fail(breaker, *map(str, range(OPENS_AT)))
    return breaker


@pytest.mark.parametrize("reason", [Reason.UNAVAILABLE, Reason.TIMEOUT])
def test_it_opens_at_the_fifth_question_in_a_row_that_gets_no_answer(reason: Reason) -> None:
    breaker = Breaker("model-1", Clock())
    fail(breaker, "1", "2", "3", "4", reason=reason)
    assert not breaker.is_open()
    assert not turned_away(breaker)
    fail(breaker, "5", reason=reason)
    assert breaker.is_open()
    assert turned_away(breaker)


def test_a_few_questions_that_fail_again_and_again_do_not_open_it() -> None:
    breaker = Breaker("model-1", Clock())
    fail(breaker, *["1", "2", "3", "4"] * 50)
    assert not breaker.is_open()


def test_an_answer_in_between_begins_the_count_anew() -> None:
    breaker = Breaker("model-1", Clock())
    fail(breaker, "1", "2", "3", "4")
    breaker.answered(took_s=0.0)
    fail(breaker, "5", "6", "7", "8")
    assert not breaker.is_open()


@pytest.mark.parametrize(
    "reason", [Reason.THROTTLED, Reason.MALFORMED, Reason.DENIED, Reason.FILTERED, Reason.BUDGET]
)
def test_nothing_but_outages_opens_it(reason: Reason) -> None:
    breaker = Breaker("model-1", Clock())
    fail(breaker, *map(str, range(100)), reason=reason)
    assert not breaker.is_open()


def test_failures_are_forgotten_after_a_minute() -> None:
    clock = Clock()
    breaker = Breaker("model-1", clock)
    fail(breaker, "1", "2", "3", "4")
    clock.now_s += FORGET_AFTER_S + 1.0
    fail(breaker, "5")
    assert not breaker.is_open()


def test_a_failure_exactly_a_minute_old_still_counts() -> None:
    clock = Clock()
    breaker = Breaker("model-1", clock)
    fail(breaker, "1", "2", "3", "4")
    clock.now_s += FORGET_AFTER_S
    fail(breaker, "5")
    assert breaker.is_open()


def test_it_closes_by_age() -> None:
    # Opened at night; the first batch comes eight hours later.
    clock = Clock()
    breaker = opened(clock)
    clock.now_s += 8 * 3600.0
    assert not turned_away(breaker)
    assert not breaker.is_open()


def test_one_probe_passes_every_two_seconds_whether_or_not_the_last_one_ended() -> None:
    clock = Clock()
    breaker = opened(clock)
    passed = []
    for _ in range(100):
        clock.now_s += 0.1
        passed.append(not turned_away(breaker))
    assert sum(passed) == 5  # in 10 s
    assert PROBE_EVERY_S == 2.0


def test_any_answer_closes_it() -> None:
    breaker = opened(Clock())
    breaker.answered(took_s=0.0)
    assert not breaker.is_open()
    assert not turned_away(breaker)


def test_answers_to_questions_sent_before_it_opened_do_not_close_it() -> None:
    # At the start of an outage the answers to earlier calls still come in.
    clock = Clock()
    breaker = opened(clock)
    clock.now_s += 3.0
    breaker.answered(took_s=3.5)
    assert breaker.is_open()
    breaker.answered(took_s=2.5)
    assert not breaker.is_open()


def test_a_probe_that_fails_leaves_it_open() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now_s += PROBE_EVERY_S
    assert not turned_away(breaker)
    fail(breaker, "probe")
    assert turned_away(breaker)


def test_opening_and_closing_are_told_once_each_with_the_cause() -> None:
    clock = Clock()
    breaker = opened(clock)
    fail(breaker, "6", "7")
    cause = "unavailable: ServiceUnavailableException"
    assert breaker.take_events() == (BreakerEvent("model-1", True, cause),)
    assert breaker.take_events() == ()
    breaker.answered(took_s=0.0)
    breaker.answered(took_s=0.0)
    assert breaker.take_events() == (BreakerEvent("model-1", False, cause),)


def test_closing_by_age_is_told_too() -> None:
    clock = Clock()
    breaker = opened(clock)
    breaker.take_events()
    clock.now_s += FORGET_AFTER_S + 1.0
    assert [event.opened for event in breaker.take_events()] == [False]


def test_a_call_that_is_turned_away_is_told_why_the_model_is_down() -> None:
    breaker = Breaker("model-1", Clock())
    fail(breaker, *"abcde")
    with pytest.raises(JudgeFailure) as caught:
        breaker.enter()
    assert (caught.value.reason, caught.value.final) == (Reason.CIRCUIT_OPEN, True)
    assert caught.value.detail == "the model is down: unavailable: ServiceUnavailableException"
