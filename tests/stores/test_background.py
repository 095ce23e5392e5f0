"""Jobs after the answer: in order, bounded, and never in anybody's way."""

import threading
import time
from collections.abc import Iterator

import pytest

from reward_fn.aws.background import Background

LONG_S = 10.0


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """What holds a job up; opened at the end, so that no thread is left hanging."""
    event = threading.Event()
    yield event
    event.set()


def test_jobs_are_done_in_order() -> None:
    done: list[int] = []
    background = Background(done.append, most_waiting=10, name="test")
    assert all(background.offer(n) for n in range(5))
    assert background.drain(LONG_S)
    assert done == [0, 1, 2, 3, 4]


def test_draining_nothing_returns_at_once() -> None:
    assert Background(lambda _: None, most_waiting=1, name="test").drain(0.0)


def test_what_is_too_much_is_refused_at_once(gate: threading.Event) -> None:
    begun = threading.Event()

    def work(_: int) -> None:
        begun.set()
        gate.wait(LONG_S)

    background = Background(work, most_waiting=2, name="test")
    assert background.offer(0)
    assert begun.wait(LONG_S)
    assert [background.offer(n) for n in range(1, 5)] == [True, True, False, False]


def test_a_job_that_hangs_holds_up_one_drain_and_no_second(gate: threading.Event) -> None:
    def work(_: int) -> None:
        gate.wait(LONG_S)

    background = Background(work, most_waiting=5, name="test")
    background.offer(0)
    begun_s = time.monotonic()
    assert not background.drain(0.2)
    assert 0.2 <= time.monotonic() - begun_s < 1.0
    begun_s = time.monotonic()
    assert not background.drain(LONG_S)
    assert time.monotonic() - begun_s < 0.1
    assert not background.offer(1), "nothing more while one hangs"


def test_after_a_late_end_it_serves_again(gate: threading.Event) -> None:
    done: list[int] = []

    def work(job: int) -> None:
        gate.wait(LONG_S)
        done.append(job)

    background = Background(work, most_waiting=5, name="test")
    background.offer(0)
    background.drain(0.0)
    gate.set()
    end_s = time.monotonic() + LONG_S
    while not background.offer(1):
        assert time.monotonic() < end_s
        time.sleep(0.005)
    assert background.drain(LONG_S)
    assert done == [0, 1]
