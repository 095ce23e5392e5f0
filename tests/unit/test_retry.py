"""One retry layer: what comes again, how long it waits, and what ends it."""

import random
import threading
import time
from collections.abc import Callable

import pytest

from reward_fn.deadline import Deadline
from reward_fn.errors import JudgeFailure
from reward_fn.judge.retry import AGAIN, FIRST_WAIT_S, LONGEST_WAIT_S, ONCE_MORE, GiveUp, with_retries
from reward_fn.rubric import Reason

NEVER = sorted(set(Reason) - AGAIN - ONCE_MORE)


class World:
    """Attempts that fail as told, on a clock that only waiting moves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *reasons: Reason, budget_s: float = 1e6) -> None:
        self.now_s = 1000.0
        self.waits_s: list[float] = []
        self.retried: list[Reason] = []
        self.attempts = 0
        self.attempt_takes_s = 0.0
        self.abandoned = threading.Event()
        self.while_waiting: Callable[[], None] = lambda: None
        self._reasons = list(reasons)
        self._deadline = Deadline(self.now_s + budget_s, self.clock)
        monkeypatch.setattr(time, "monotonic", self.clock)

    def clock(self) -> float:
        return self.now_s

    def sleep(self, wait_s: float) -> None:
        self.waits_s.append(wait_s)
        self.now_s += wait_s
        self.while_waiting()

    def attempt(self) -> str:
        self.attempts += 1
        self.now_s += self.attempt_takes_s
        if self._reasons:
            raise JudgeFailure(self._reasons.pop(0), f"attempt {self.attempts}")
        return "verdicts"

    def run(self, max_attempts: int = 20, *, hurried: frozenset[Reason] = frozenset()) -> str:
        return with_retries(
            self.attempt,
            max_attempts=max_attempts,
            deadline=self._deadline,
            abandoned=self.abandoned,
            on_retry=lambda failure: self.retried.append(failure.reason),
            sleep=self.sleep,
            give_up=GiveUp.soon(self._deadline, hurried) if hurried else None,
        )

    def failure(self, max_attempts: int = 20, *, hurried: frozenset[Reason] = frozenset()) -> JudgeFailure:
        with pytest.raises(JudgeFailure) as caught:
            self.run(max_attempts, hurried=hurried)
        return caught.value


def longest(monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, float]]:
    """Every wait is as long as it may be; the bounds of each are kept."""
    bounds: list[tuple[float, float]] = []

    def uniform(low: float, high: float) -> float:
        bounds.append((low, high))
        return high

    monkeypatch.setattr(random, "uniform", uniform)
    return bounds


def test_what_succeeds_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(monkeypatch)
    assert world.run() == "verdicts"
    assert (world.attempts, world.waits_s, world.retried) == (1, [], [])


@pytest.mark.parametrize("reason", sorted(AGAIN))
def test_throttling_and_outages_come_again_and_again(monkeypatch: pytest.MonkeyPatch, reason: Reason) -> None:
    world = World(monkeypatch, *[reason] * 9)
    assert world.run() == "verdicts"
    assert world.attempts == 10
    assert world.retried == [reason] * 9


def test_the_reasons_that_come_again_are_the_judges_overload_and_outages() -> None:
    assert AGAIN == {Reason.THROTTLED, Reason.TIMEOUT, Reason.UNAVAILABLE}


def test_waits_are_random_below_a_cap_that_doubles_to_20_s(monkeypatch: pytest.MonkeyPatch) -> None:
    bounds = longest(monkeypatch)
    world = World(monkeypatch, *[Reason.THROTTLED] * 9)
    world.run()
    caps_s = [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 20.0, 20.0, 20.0]
    assert (FIRST_WAIT_S, LONGEST_WAIT_S) == (0.5, 20.0)
    assert bounds == [(0.0, cap_s) for cap_s in caps_s]
    assert world.waits_s == caps_s


def test_jitter_spreads_over_the_whole_range_from_0(monkeypatch: pytest.MonkeyPatch) -> None:
    random.seed(2)
    waits_s = []
    for _ in range(200):
        world = World(monkeypatch, Reason.THROTTLED)
        world.run()
        waits_s += world.waits_s
    assert 0.0 <= min(waits_s) < 0.02
    assert 0.48 < max(waits_s) <= 0.5


def test_attempts_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(monkeypatch, *[Reason.TIMEOUT] * 9)
    failure = world.failure(max_attempts=3)
    assert (failure.reason, failure.detail) == (Reason.TIMEOUT, "attempt 3")
    assert (world.attempts, len(world.waits_s)) == (3, 2)


def test_a_throttle_uses_up_no_attempt_while_there_is_nobody_else_to_ask(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reasons = [Reason.THROTTLED] * 5 + [Reason.TIMEOUT] + [Reason.THROTTLED] * 5
    world = World(monkeypatch, *reasons)
    assert world.run(max_attempts=2) == "verdicts"
    assert world.attempts == len(reasons) + 1
    hasty = World(monkeypatch, *reasons)
    hasty.failure(max_attempts=2, hurried=frozenset({Reason.THROTTLED}))
    assert hasty.attempts == 2


@pytest.mark.parametrize(("budget_s", "waits_s"), [(1e6, [0.5, 1.0, 2.0]), (20.0, [0.5, 1.0])])
def test_who_can_ask_somebody_else_gives_up_after_5_s_or_a_tenth_of_the_time(
    monkeypatch: pytest.MonkeyPatch, budget_s: float, waits_s: list[float]
) -> None:
    # Waits of 0.5 + 1 + 2 = 3.5 s end before 5 s, another of 4 s would not; before 2 s only 0.5 + 1 s do.
    longest(monkeypatch)
    world = World(monkeypatch, *[Reason.THROTTLED] * 9, budget_s=budget_s)
    assert world.failure(hurried=frozenset({Reason.THROTTLED})).reason is Reason.THROTTLED
    assert world.waits_s == waits_s


def test_a_call_that_outlasts_the_grace_comes_again_for_other_reasons(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World(monkeypatch, Reason.MALFORMED)
    world.attempt_takes_s = 30.0
    assert world.run(hurried=AGAIN) == "verdicts"
    late = World(monkeypatch, Reason.TIMEOUT)
    late.attempt_takes_s = 30.0
    assert late.failure(hurried=AGAIN).reason is Reason.TIMEOUT


@pytest.mark.parametrize("reason", [Reason.UNAVAILABLE, Reason.THROTTLED])
def test_one_attempt_means_no_wait(monkeypatch: pytest.MonkeyPatch, reason: Reason) -> None:
    world = World(monkeypatch, reason)
    world.failure(max_attempts=1)
    assert (world.attempts, world.waits_s, world.retried) == (1, [], [])


@pytest.mark.parametrize("reason", sorted(ONCE_MORE))
def test_a_garbled_reply_gets_one_second_chance(monkeypatch: pytest.MonkeyPatch, reason: Reason) -> None:
    once = World(monkeypatch, reason)
    assert once.run() == "verdicts"
    assert once.attempts == 2
    twice = World(monkeypatch, reason, reason)
    assert twice.failure().reason is reason
    assert twice.attempts == 2


def test_the_second_chance_is_one_for_all_kinds_of_garbling(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(monkeypatch, Reason.MALFORMED, Reason.THROTTLED, Reason.MODEL_ERROR)
    assert world.failure().reason is Reason.MODEL_ERROR
    assert world.attempts == 3


def test_throttling_takes_no_second_chance_away(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(monkeypatch, Reason.THROTTLED, Reason.UNAVAILABLE, Reason.MALFORMED, Reason.THROTTLED)
    assert world.run() == "verdicts"
    assert world.attempts == 5


@pytest.mark.parametrize("reason", NEVER)
def test_nothing_else_comes_again(monkeypatch: pytest.MonkeyPatch, reason: Reason) -> None:
    world = World(monkeypatch, reason)
    assert world.failure().reason is reason
    assert (world.attempts, world.waits_s) == (1, [])


def test_what_never_comes_again_holds_denials_mistakes_and_filters() -> None:
    assert {Reason.DENIED, Reason.INVALID_REQUEST, Reason.FILTERED, Reason.OVERFLOW} <= set(NEVER)


def test_an_error_that_is_no_judge_failure_is_raised_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(monkeypatch)

    def broken() -> str:
        world.attempts += 1
        raise ZeroDivisionError

    monkeypatch.setattr(world, "attempt", broken)
    with pytest.raises(ZeroDivisionError):
        world.run()
    assert world.attempts == 1


# The deadline


def test_a_wait_that_would_outlast_the_deadline_is_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    # Waits 0.5 + 1 + 2 = 3.5 s; the next, 4 s, would end at 7.5 s of 7. What is left is not slept away.
    longest(monkeypatch)
    world = World(monkeypatch, *[Reason.THROTTLED] * 9, budget_s=7.0)
    assert world.failure().reason is Reason.THROTTLED
    assert world.waits_s == [0.5, 1.0, 2.0]
    assert world.attempts == 4


def test_the_time_that_attempts_take_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    # 3 + 0.5 + 3 = 6.5 s; another 1 s would pass the deadline of 7 s
    longest(monkeypatch)
    world = World(monkeypatch, *[Reason.TIMEOUT] * 9, budget_s=7.0)
    world.attempt_takes_s = 3.0
    assert world.failure().reason is Reason.TIMEOUT
    assert world.attempts == 2


@pytest.mark.parametrize("budget_s", [0.0, -5.0])
def test_after_the_deadline_nothing_is_tried(monkeypatch: pytest.MonkeyPatch, budget_s: float) -> None:
    world = World(monkeypatch, budget_s=budget_s)
    assert world.failure().reason is Reason.DEADLINE
    assert world.attempts == 0


# Abandonment


def test_an_abandoned_call_is_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(monkeypatch)
    world.abandoned.set()
    assert world.failure().reason is Reason.DEADLINE
    assert world.attempts == 0


def test_a_call_abandoned_during_its_attempt_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(monkeypatch)

    def attempt() -> str:
        world.attempts += 1
        world.abandoned.set()
        raise JudgeFailure(Reason.THROTTLED, "late")

    monkeypatch.setattr(world, "attempt", attempt)
    assert world.failure().reason is Reason.THROTTLED
    assert (world.attempts, world.waits_s) == (1, [])


def test_a_call_abandoned_during_a_wait_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(monkeypatch, *[Reason.THROTTLED] * 9)
    world.while_waiting = world.abandoned.set
    assert world.failure().reason is Reason.DEADLINE
    assert (world.attempts, len(world.waits_s)) == (1, 1)


def test_abandoning_ends_a_real_wait_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    # The wait would last 20 s.
    monkeypatch.setattr(random, "uniform", lambda _low, _high: 20.0)
    abandoned, waiting = threading.Event(), threading.Event()
    attempts: list[int] = []

    def attempt() -> str:
        attempts.append(1)
        raise JudgeFailure(Reason.THROTTLED, "again")

    def run() -> None:
        with pytest.raises(JudgeFailure):
            with_retries(
                attempt,
                max_attempts=9,
                deadline=Deadline.after(600.0),
                abandoned=abandoned,
                on_retry=lambda _: waiting.set(),
            )

    thread = threading.Thread(target=run)
    thread.start()
    assert waiting.wait(5.0)
    begun_s = time.monotonic()
    abandoned.set()
    thread.join(5.0)
    assert not thread.is_alive()
    assert time.monotonic() - begun_s < 2.0
    assert len(attempts) == 1
