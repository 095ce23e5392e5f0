"""One retry layer: what comes again, how long it waits, and what ends it."""

import random
import threading
from collections.abc import Callable

import pytest

from reward_fn.deadline import Deadline
from reward_fn.errors import JudgeFailure
from reward_fn.judge.call.retry import with_retries
from reward_fn.judge.call.retry_policy import (
    AGAIN,
    FIRST_WAIT_S,
    LONGEST_WAIT_S,
    ONCE_MORE,
    OUTAGE_S,
    SHARE_OF_TIME_LEFT,
    GiveUp,
    Policy,
)
from reward_fn.judge.limit.pacing import Pacing
from reward_fn.types.unscored import Reason

NEVER = sorted(set(Reason) - AGAIN - ONCE_MORE)


class Waits(Pacing):
    """Waits that only move the world's clock."""

    def __init__(self, world: "World") -> None:
        super().__init__(world.abandoned)
        self._world = world

    def wait(self, wait_s: float, *, at_least_s: float) -> None:
        self._world.waits_s.append(wait_s)
        self._world.least_waits_s.append(at_least_s)
        self._world.now_s += wait_s
        self._world.while_waiting()


class World:
    """Attempts that fail as told, on a clock that only waiting moves."""

    def __init__(self, *failures: Reason | Exception, budget_s: float = 1e6) -> None:
        self.now_s = 1000.0
        self.waits_s: list[float] = []
        self.least_waits_s: list[float] = []
        self.retried: list[Reason] = []
        self.attempts = 0
        self.attempt_takes_s = 0.0
        self.abandoned = threading.Event()
        self.while_waiting: Callable[[], None] = lambda: None
        self.pacing = Waits(self)
        self.jitter: Callable[[float, float], float] = random.uniform
        self._failures = list(failures)
        self._deadline = Deadline(self.now_s + budget_s, lambda: self.now_s)

    def attempt(self) -> str:
        self.attempts += 1
        self.pacing.begin()
        self.now_s += self.attempt_takes_s
        if self._failures:
            failure = self._failures.pop(0)
            if isinstance(failure, Exception):
                raise failure
            raise JudgeFailure(failure, f"attempt {self.attempts}")
        return "verdicts"

    def run(self, max_attempts: int = 20, *, hurried: frozenset[Reason] = frozenset()) -> str:
        give_up = GiveUp.soon(self._deadline, hurried) if hurried else None
        policy = Policy(
            max_attempts, self._deadline, self.abandoned, self.pacing, give_up, jitter=self.jitter
        )
        return with_retries(
            self.attempt, policy, on_retry=lambda failure: self.retried.append(failure.reason)
        )

    def failure(self, max_attempts: int = 20, *, hurried: frozenset[Reason] = frozenset()) -> JudgeFailure:
        with pytest.raises(JudgeFailure) as caught:
            self.run(max_attempts, hurried=hurried)
        return caught.value

    def answer_others(self) -> None:
        """From now on, another call of the batch begins and is answered during each wait."""
        self.while_waiting = lambda: self.pacing.answered(self.pacing.begin())


def draw_longest(world: World) -> list[tuple[float, float]]:
    """Let every wait be as long as it may be; returns the bounds of each draw."""
    bounds: list[tuple[float, float]] = []

    def upper_bound(low: float, high: float) -> float:
        bounds.append((low, high))
        return high

    world.jitter = upper_bound
    return bounds


def test_what_succeeds_is_not_tried_again() -> None:
    world = World()
    assert world.run() == "verdicts"
    assert (world.attempts, world.waits_s, world.retried) == (1, [], [])


@pytest.mark.parametrize("reason", sorted(AGAIN))
def test_throttling_and_outages_come_again_and_again(reason: Reason) -> None:
    world = World(*[reason] * 9)
    assert world.run() == "verdicts"
    assert world.attempts == 10
    assert world.retried == [reason] * 9


def test_the_reasons_that_come_again_are_the_judges_overload_and_outages() -> None:
    assert AGAIN == {Reason.THROTTLED, Reason.TIMEOUT, Reason.UNAVAILABLE}


def test_waits_are_random_below_a_cap_that_doubles_to_20_s() -> None:
    world = World(*[Reason.THROTTLED] * 9)
    bounds = draw_longest(world)
    world.run()
    caps_s = [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 20.0, 20.0, 20.0]
    assert (FIRST_WAIT_S, LONGEST_WAIT_S) == (0.5, 20.0)
    assert bounds == [(0.0, cap_s) for cap_s in caps_s]
    assert world.waits_s == caps_s


def test_jitter_spreads_over_the_whole_range_from_0() -> None:
    random.seed(2)
    waits_s = []
    for _ in range(200):
        world = World(Reason.THROTTLED)
        world.run()
        waits_s += world.waits_s
    assert 0.0 <= min(waits_s) < 0.02
    assert 0.48 < max(waits_s) <= 0.5


@pytest.mark.parametrize(("most", "attempts"), [(3, 6), (8, 9)])
def test_a_question_that_fails_while_others_are_answered_has_its_attempts_and_10_s(
    most: int, attempts: int
) -> None:
    # It fails at 0, 0.5, 1.5, 3.5, 7.5, 15.5 s ...: the sixth failure is the first after 10 s. The first one
    # does not count: nobody was answered before it.
    world = World(*[Reason.UNAVAILABLE] * 20)
    draw_longest(world)
    world.answer_others()
    assert world.failure(max_attempts=most).detail == f"attempt {attempts}"
    assert OUTAGE_S == 10.0


def test_10_s_from_the_first_failure_to_the_last_are_enough() -> None:
    # Without waits and with 5 s an attempt it fails at 5, 10 and 15 s.
    world = World(*[Reason.UNAVAILABLE] * 20)
    world.jitter, world.attempt_takes_s = (lambda _low, _high: 0.0), 5.0
    world.answer_others()
    assert world.failure(max_attempts=2).detail == "attempt 3"


def test_a_model_that_answers_nobody_is_waited_for_until_the_deadline() -> None:
    world = World(*[Reason.UNAVAILABLE] * 15, budget_s=300.0)
    draw_longest(world)
    assert world.run(max_attempts=2) == "verdicts"
    world = World(*[Reason.UNAVAILABLE] * 999, budget_s=300.0)
    world.failure(max_attempts=2)
    assert world.now_s > 1000.0 + 300.0 - FIRST_WAIT_S


@pytest.mark.parametrize("during_the_call", [False, True])
def test_answers_to_attempts_that_began_before_the_call_say_nothing_about_an_outage(
    during_the_call: bool,
) -> None:
    world = World(*[Reason.UNAVAILABLE] * 20)
    draw_longest(world)
    earlier = world.pacing.begin()
    if during_the_call:
        world.while_waiting = lambda: world.pacing.answered(earlier)
    else:
        world.pacing.answered(earlier)
    assert world.run(max_attempts=3) == "verdicts"


def test_time_outs_always_count_because_each_may_have_been_paid_for() -> None:
    world = World(*[Reason.TIMEOUT] * 20)
    world.attempt_takes_s = 30.0
    assert world.failure(max_attempts=3).detail == "attempt 3"


def test_throttled_attempts_never_count_without_another_model() -> None:
    world = World(*[Reason.THROTTLED] * 30)
    world.answer_others()
    assert world.run(max_attempts=2) == "verdicts"
    assert world.attempts == 31


def test_with_another_model_every_attempt_counts() -> None:
    world = World(*[Reason.THROTTLED] * 5)
    world.failure(max_attempts=2, hurried=frozenset({Reason.THROTTLED}))
    assert world.attempts == 2


@pytest.mark.parametrize(
    ("budget_s", "waits_s"),
    [
        # 5 s of grace: a quarter of what is left bounds the third wait, (5 - 1.5) / 4, and the fourth.
        (1e6, [0.5, 1.0, 0.875, 0.65625, 0.5, 0.5, 0.5]),
        # A tenth of 20 s: another wait of 0.5 s would end at 2 s.
        (20.0, [0.5, 0.5, 0.5]),
    ],
)
def test_with_another_model_retries_end_after_5_s_or_a_tenth_of_the_time(
    budget_s: float, waits_s: list[float]
) -> None:
    world = World(*[Reason.THROTTLED] * 9, budget_s=budget_s)
    draw_longest(world)
    assert world.failure(hurried=frozenset({Reason.THROTTLED})).reason is Reason.THROTTLED
    assert world.waits_s == pytest.approx(waits_s, abs=0.02)


def test_a_call_that_outlasts_the_grace_comes_again_for_other_reasons() -> None:
    world = World(Reason.MALFORMED)
    world.attempt_takes_s = 30.0
    assert world.run(hurried=AGAIN) == "verdicts"
    late = World(Reason.TIMEOUT)
    late.attempt_takes_s = 30.0
    assert late.failure(hurried=AGAIN).reason is Reason.TIMEOUT


@pytest.mark.parametrize("reason", [Reason.UNAVAILABLE, Reason.THROTTLED])
def test_one_attempt_means_no_wait(reason: Reason) -> None:
    world = World(reason)
    world.failure(max_attempts=1)
    assert (world.attempts, world.waits_s, world.retried) == (1, [], [])


@pytest.mark.parametrize("reason", sorted(ONCE_MORE))
def test_a_garbled_reply_gets_one_second_chance(reason: Reason) -> None:
    once = World(reason)
    assert once.run() == "verdicts"
    assert once.attempts == 2
    twice = World(reason, reason)
    assert twice.failure().reason is reason
    assert twice.attempts == 2


def test_the_second_chance_is_one_for_all_kinds_of_garbling() -> None:
    world = World(Reason.MALFORMED, Reason.THROTTLED, Reason.MODEL_ERROR)
    assert world.failure().reason is Reason.MODEL_ERROR
    assert world.attempts == 3


def test_throttling_takes_no_second_chance_away() -> None:
    world = World(Reason.THROTTLED, Reason.UNAVAILABLE, Reason.MALFORMED, Reason.THROTTLED)
    assert world.run() == "verdicts"
    assert world.attempts == 5


@pytest.mark.parametrize("reason", NEVER)
def test_nothing_else_comes_again(reason: Reason) -> None:
    world = World(reason)
    assert world.failure().reason is reason
    assert (world.attempts, world.waits_s) == (1, [])


def test_what_never_comes_again_holds_denials_mistakes_and_filters() -> None:
    assert {Reason.DENIED, Reason.INVALID_REQUEST, Reason.FILTERED, Reason.OVERFLOW} <= set(NEVER)


@pytest.mark.parametrize("earlier", [(), (Reason.THROTTLED,)])
def test_an_error_that_is_no_judge_failure_is_raised_at_once(earlier: tuple[Reason, ...]) -> None:
    world = World(*earlier, ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        world.run()
    assert world.attempts == len(earlier) + 1


@pytest.mark.parametrize("earlier", [(), (Reason.THROTTLED,)])
@pytest.mark.parametrize("reason", [Reason.THROTTLED, Reason.MALFORMED])
def test_a_final_failure_ends_the_call_whatever_its_reason(
    reason: Reason, earlier: tuple[Reason, ...]
) -> None:
    world = World(*earlier, JudgeFailure(reason, "the last word", final=True))
    assert world.failure().detail == "the last word"
    assert world.attempts == len(earlier) + 1


# The deadline


def test_waits_shrink_with_the_time_left_and_the_last_begins_in_its_last_half_second() -> None:
    # 0.5 and 1 s; then a quarter of 5.5 s, of 4.125 s ... down to 0.5 s.
    world = World(*[Reason.THROTTLED] * 99, budget_s=7.0)
    draw_longest(world)
    assert world.failure().reason is Reason.THROTTLED
    assert world.waits_s[:4] == [0.5, 1.0, 1.375, 1.03125]
    assert min(world.waits_s) == FIRST_WAIT_S
    assert 7.0 - FIRST_WAIT_S <= sum(world.waits_s) < 7.0
    assert SHARE_OF_TIME_LEFT == 0.25


def test_the_time_that_attempts_take_counts() -> None:
    # 3 + 0.5 + 3 = 6.5 s of 7: another wait of 0.5 s would end with the time.
    world = World(*[Reason.TIMEOUT] * 9, budget_s=7.0)
    draw_longest(world)
    world.attempt_takes_s = 3.0
    assert world.failure().reason is Reason.TIMEOUT
    assert world.attempts == 2


# What the service asks for, and what other answers shorten


def test_a_service_that_names_a_time_is_asked_no_earlier() -> None:
    world = World(JudgeFailure(Reason.THROTTLED, "429", retry_after_s=7.0))
    assert world.run() == "verdicts"
    assert world.least_waits_s == [7.0]
    assert 7.0 <= world.waits_s[0] <= 7.5


def test_a_time_that_the_service_names_beyond_the_deadline_ends_the_call_at_once() -> None:
    world = World(JudgeFailure(Reason.THROTTLED, "429", retry_after_s=60.0), budget_s=55.0)
    assert world.failure().reason is Reason.THROTTLED
    assert (world.attempts, world.waits_s) == (1, [])


@pytest.mark.parametrize("reason", sorted(AGAIN))
def test_any_wait_may_be_shortened_while_nobody_was_answered(reason: Reason) -> None:
    world = World(reason)
    world.run()
    assert world.least_waits_s == [0.0]


def test_only_throttled_calls_are_brought_forward_while_others_are_answered() -> None:
    throttled = World(*[Reason.THROTTLED] * 2)
    throttled.answer_others()
    throttled.run()
    assert throttled.least_waits_s == [0.0, 0.0]
    failing = World(*[Reason.UNAVAILABLE] * 2)
    failing.answer_others()
    failing.run()
    assert failing.least_waits_s == [0.0, failing.waits_s[1]]


@pytest.mark.parametrize("budget_s", [0.0, -5.0])
def test_after_the_deadline_nothing_is_tried(budget_s: float) -> None:
    world = World(budget_s=budget_s)
    failure = world.failure()
    assert (failure.reason, failure.detail) == (Reason.DEADLINE, "no time left for this call")
    assert world.attempts == 0


# Abandonment


def test_an_abandoned_call_is_not_begun() -> None:
    world = World()
    world.abandoned.set()
    assert world.failure().reason is Reason.DEADLINE
    assert world.attempts == 0


def test_a_call_abandoned_during_its_attempt_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()

    def attempt() -> str:
        world.attempts += 1
        world.abandoned.set()
        raise JudgeFailure(Reason.THROTTLED, "late")

    monkeypatch.setattr(world, "attempt", attempt)
    assert world.failure().reason is Reason.THROTTLED
    assert (world.attempts, world.waits_s) == (1, [])


def test_a_call_abandoned_during_a_wait_is_not_tried_again() -> None:
    world = World(*[Reason.THROTTLED] * 9)
    world.while_waiting = world.abandoned.set
    assert world.failure().reason is Reason.DEADLINE
    assert (world.attempts, len(world.waits_s)) == (1, 1)


def test_abandoning_ends_a_real_wait_at_once() -> None:
    abandoned, waiting = threading.Event(), threading.Event()
    pacing = Pacing(abandoned)
    policy = Policy(9, Deadline.after(600.0), abandoned, pacing)

    def attempt() -> str:
        raise JudgeFailure(Reason.THROTTLED, "again", retry_after_s=500.0)

    def run() -> None:
        with pytest.raises(JudgeFailure):
            with_retries(attempt, policy, on_retry=lambda _: waiting.set())

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert waiting.wait(30.0)
    abandoned.set()
    pacing.close()
    thread.join(30.0)
    assert not thread.is_alive()
