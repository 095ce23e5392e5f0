"""Waits of one batch: as long as back-off says, unless the model answers somebody."""

import threading
import time
from collections.abc import Iterator

import pytest

from reward_fn.judge.limit.pacing import BROUGHT_FORWARD, Pacing

LONG_S = 600.0
PATIENCE_S = 30.0


class Waiters:
    """Threads that wait at one pacing, in the order in which they began."""

    def __init__(self) -> None:
        self.abandoned = threading.Event()
        self.pacing = Pacing(self.abandoned)
        self.done: list[int] = []
        self._ended = threading.Condition()
        self._threads: list[threading.Thread] = []

    def begin(self, count: int, *, at_least_s: float = 0.0) -> None:
        for _ in range(count):
            number = len(self._threads)
            thread = threading.Thread(target=self._wait, args=[number, at_least_s], daemon=True)
            self._threads.append(thread)
            thread.start()
            while not at_least_s and len(self.pacing) <= number - len(self.done):
                time.sleep(0.001)

    def _wait(self, number: int, at_least_s: float) -> None:
        self.pacing.wait(LONG_S, at_least_s=at_least_s)
        with self._ended:
            self.done.append(number)
            self._ended.notify_all()

    def have_ended(self, count: int) -> bool:
        with self._ended:
            return self._ended.wait_for(lambda: len(self.done) >= count, PATIENCE_S)

    def end(self) -> None:
        self.abandoned.set()
        self.pacing.close()
        for thread in self._threads:
            thread.join(PATIENCE_S)
            assert not thread.is_alive()


@pytest.fixture
def waiters() -> Iterator[Waiters]:
    """None of its threads outlives the test."""
    all_waiters = Waiters()
    yield all_waiters
    all_waiters.end()


@pytest.mark.parametrize(
    ("wait_s", "at_least_s", "waits_s"), [(10.0, 3.0, [3.0, 7.0]), (10.0, 0.0, [0.0, 10.0])]
)
def test_a_wait_has_a_fixed_part_and_a_part_that_an_answer_ends(
    wait_s: float, at_least_s: float, waits_s: list[float]
) -> None:
    waits = list[tuple[threading.Event, float, int]]()

    def time_out(event: threading.Event, timeout_s: float) -> bool:
        waits.append((event, timeout_s, len(pacing)))
        return False

    abandoned = threading.Event()
    pacing = Pacing(abandoned, wait_for=time_out)
    pacing.wait(wait_s, at_least_s=at_least_s)
    assert [timeout_s for _, timeout_s, _ in waits] == waits_s
    assert [event is abandoned for event, _, _ in waits] == [True, False]
    assert [waiting for _, _, waiting in waits] == [0, 1], "only the second part can be ended by an answer"
    assert len(pacing) == 0, "a wait that ended by itself takes no answer"


def test_an_answer_that_comes_as_a_wait_ends_by_itself_is_not_an_error() -> None:
    def answer_and_time_out(_event: threading.Event, _timeout_s: float) -> bool:
        pacing.answered(1)
        return False

    pacing = Pacing(threading.Event(), wait_for=answer_and_time_out)
    pacing.wait(10.0, at_least_s=0.0)
    assert len(pacing) == 0


def test_a_batch_that_ends_during_the_fixed_part_ends_the_wait() -> None:
    waits_s = list[float]()

    def end_batch(_event: threading.Event, timeout_s: float) -> bool:
        waits_s.append(timeout_s)
        return True

    Pacing(threading.Event(), wait_for=end_batch).wait(10.0, at_least_s=3.0)
    assert waits_s == [3.0]


def test_a_batch_that_ends_just_after_the_fixed_part_leaves_no_wait_behind() -> None:
    # The end of the batch may have released all waits before this one is registered.
    waits_s, abandoned = list[float](), threading.Event()

    def end_batch_afterwards(_event: threading.Event, timeout_s: float) -> bool:
        waits_s.append(timeout_s)
        abandoned.set()
        return False

    pacing = Pacing(abandoned, wait_for=end_batch_afterwards)
    pacing.wait(10.0, at_least_s=3.0)
    assert (waits_s, len(pacing)) == ([3.0], 0)


def test_an_answer_ends_the_two_waits_that_began_first(waiters: Waiters) -> None:
    waiters.begin(5)
    waiters.pacing.answered(1)
    assert BROUGHT_FORWARD == 2
    assert waiters.have_ended(2)
    assert sorted(waiters.done) == [0, 1]
    assert len(waiters.pacing) == 3


def test_answers_that_nobody_waits_for_are_not_saved_up(waiters: Waiters) -> None:
    for _ in range(3):
        waiters.pacing.answered(waiters.pacing.begin())
    assert waiters.pacing.last_answered == 3
    waiters.begin(2)
    assert len(waiters.pacing) == 2
    assert waiters.done == []


def test_an_answer_to_an_earlier_attempt_is_not_taken_for_a_newer_one() -> None:
    pacing = Pacing(threading.Event())
    first, second = pacing.begin(), pacing.begin()
    assert (first, second, pacing.begun, pacing.last_answered) == (1, 2, 2, 0)
    pacing.answered(second)
    pacing.answered(first)
    assert pacing.last_answered == second


def test_a_time_that_the_service_named_is_waited_out_whatever_others_are_answered(waiters: Waiters) -> None:
    waiters.begin(1, at_least_s=LONG_S)
    for _ in range(20):
        waiters.pacing.answered(1)
    assert waiters.done == []


def test_the_end_of_the_batch_ends_all_waits(waiters: Waiters) -> None:
    waiters.begin(3)
    waiters.begin(1, at_least_s=LONG_S)
    waiters.end()
    assert sorted(waiters.done) == [0, 1, 2, 3]


def test_after_the_end_of_the_batch_nobody_waits() -> None:
    abandoned = threading.Event()
    pacing = Pacing(abandoned)
    abandoned.set()
    pacing.close()
    pacing.wait(LONG_S, at_least_s=0.0)
    pacing.wait(LONG_S, at_least_s=LONG_S)
