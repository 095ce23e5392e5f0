"""Jobs after the answer: in order, bounded, and never in the way of an answer."""

import threading
from collections.abc import Iterator

import pytest

from reward_fn.aws.after_answer import MOST_WAITING, AfterAnswer

LONG_S = 60.0
"""For what comes at once; only a deadlock takes as long."""
REST_S = 30.0


class Jobs:
    """Jobs wait for ``gate``, a negative one fails, and -2 even in telling so; the clock stands still."""

    def __init__(self) -> None:
        self.gate, self.begun, self.ended = threading.Event(), threading.Event(), threading.Event()
        self.done: list[int] = []
        self.ends: list[Exception | None] = []
        self.now_s = 100.0
        self.settled = 0
        self.after_answer = AfterAnswer(
            self._work, self._end, name="test", rest_s=REST_S, clock=lambda: self.now_s, settle=self._settle
        )

    def _settle(self) -> None:
        self.settled += 1

    def _work(self, job: int) -> None:
        self.begun.set()
        assert self.gate.wait(LONG_S)
        if job < 0:
            raise RuntimeError(str(job))
        self.done.append(job)

    def _end(self, failure: Exception | None) -> None:
        self.ends.append(failure)
        self.ended.set()
        if str(failure) == "-2":
            raise OSError


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    """Jobs whose gate is open; at the end it is opened again, so that no thread is left behind."""
    made = Jobs()
    made.gate.set()
    yield made
    made.gate.set()


def test_jobs_are_done_in_order_after_a_pause_each(jobs: Jobs) -> None:
    assert all(jobs.after_answer.offer(n) for n in range(MOST_WAITING))
    assert jobs.after_answer.flush(LONG_S)
    assert jobs.done == list(range(MOST_WAITING))
    assert jobs.settled == MOST_WAITING
    assert jobs.ends == [None] * MOST_WAITING


def test_flushing_without_jobs_returns_at_once(jobs: Jobs) -> None:
    assert jobs.after_answer.flush(0.0)


def test_more_jobs_than_may_wait_are_refused_at_once(jobs: Jobs) -> None:
    jobs.gate.clear()
    assert jobs.after_answer.offer(0)
    assert jobs.begun.wait(LONG_S), "it is being done, and waits no more"
    accepted = [jobs.after_answer.offer(n) for n in range(1, MOST_WAITING + 3)]
    assert accepted == [True] * MOST_WAITING + [False, False]


def test_a_job_that_hangs_holds_up_one_flush_and_no_second(jobs: Jobs) -> None:
    jobs.gate.clear()
    jobs.after_answer.offer(0)
    assert not jobs.after_answer.flush(0.0)
    # were it waited for again, this would end in a deadlock: nobody opens the gate
    assert not jobs.after_answer.flush(10**6)
    assert not jobs.after_answer.offer(1), "no new job while one hangs"


def test_after_a_late_end_jobs_are_done_again(jobs: Jobs) -> None:
    jobs.gate.clear()
    jobs.after_answer.offer(0)
    jobs.after_answer.flush(0.0)
    jobs.gate.set()
    assert jobs.ended.wait(LONG_S)
    while not jobs.after_answer.offer(1):  # the thread has yet to note the end
        pass
    assert jobs.after_answer.flush(LONG_S)
    assert jobs.done == [0, 1]


def test_after_a_failure_jobs_are_refused_for_the_rest_and_no_longer(jobs: Jobs) -> None:
    jobs.after_answer.offer(-1)
    assert jobs.after_answer.flush(LONG_S)
    (failure,) = jobs.ends
    assert isinstance(failure, RuntimeError)
    jobs.now_s += REST_S - 0.001
    assert jobs.after_answer.is_resting()
    assert not jobs.after_answer.offer(1)
    jobs.now_s = 100.0 + REST_S
    assert not jobs.after_answer.is_resting()
    assert jobs.after_answer.offer(1)
    assert jobs.after_answer.flush(LONG_S)
    assert jobs.done == [1]


def test_telemetry_that_fails_does_not_end_the_thread(jobs: Jobs, caplog: pytest.LogCaptureFixture) -> None:
    jobs.after_answer.offer(-2)
    assert jobs.after_answer.flush(LONG_S)
    assert "telemetry of test failed: OSError" in caplog.text
    jobs.now_s += REST_S
    jobs.after_answer.offer(1)
    assert jobs.after_answer.flush(LONG_S)
    assert jobs.done == [1]
