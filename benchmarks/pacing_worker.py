"""Environments that score batches, in a process of their own."""

import http.client
import os
import random
import signal
import time
import traceback
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import count
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from urllib.parse import urlsplit

from benchmarks.environment import lambda_environment
from benchmarks.material import Row, judged_batch
from benchmarks.pacing_jobs import IDLE_S, POISON, Batch, Job
from benchmarks.pacing_sides import Score, new_side

DIFFERENT_BATCHES = 8
SEED = 1
START_TIMEOUT_S = 120.0


@dataclass(slots=True)
class JumpingClock:
    """The monotonic clock, ahead by ``ahead_s``."""

    ahead_s: float = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead_s


def work(job: Job, process: int, url: str, start: Barrier, results: Connection) -> None:
    """Run the environments of the numbered process, one thread each; send their batches, or a traceback.

    Waits twice at ``start``: in between, the stand-in is reset.
    """
    random.seed(SEED)
    try:
        numbers = range(process * job.shape.environments, (process + 1) * job.shape.environments)
        batches, clock = [make_batches(job, number) for number in numbers], JumpingClock()
        with lambda_environment(url, DEADLINE_S=str(job.time_s)):
            sides = [new_side(job.side, clock) for _ in range(job.shape.environments)]
            start.wait(START_TIMEOUT_S)
            start.wait(START_TIMEOUT_S)
            with ThreadPoolExecutor(len(sides)) as pool:
                done = pool.map(lambda side, rows: environment(side, job, rows, url, clock), sides, batches)
                results.send(list(done))
    except Exception:  # noqa: BLE001 - the parent reports it
        start.abort()
        results.send(traceback.format_exc())
    os.kill(os.getpid(), signal.SIGKILL)  # ends without waiting for abandoned calls


def environment(
    score: Score, job: Job, batches: Sequence[list[Row]], url: str, clock: JumpingClock
) -> list[Batch]:
    """One environment, which scores one batch at a time."""
    done: list[Batch] = []
    shape, end_s = job.shape, time.time() + job.shape.run_s
    poisoned = frozenset(job.places_poisoned())
    for number in count():
        if time.time() >= end_s if shape.run_s else number == shape.rounds:
            return done
        if number:
            _come_between(job, url, clock)
        batch, begun_s = batches[number % len(batches)], time.time()
        left = score(batch, job.time_of(number))
        sick = len(left & poisoned)
        done.append(Batch(begun_s, time.time(), len(batch), len(left) - sick, sick))
    raise AssertionError("count() never ends")


def make_batches(job: Job, number: int = 0) -> list[list[Row]]:
    """The batches of the numbered environment; poisoned rollouts hold the text that makes the stand-in fail.

    Under a shared quota all environments have the same few batches: their contents do not matter there.
    """
    size, is_shared = job.shape.rollouts, bool(job.shape.run_s)
    count = size * (DIFFERENT_BATCHES if is_shared else job.shape.rounds)
    rows = _rows(count, 0 if is_shared else number * count)
    batches = [rows[at : at + size] for at in range(0, len(rows), size)]
    for batch in batches if job.poisoned else ():
        for place in job.places_poisoned():
            last = batch[place]["messages"][-1]
            last["content"] = last["content"].replace(
                '"recommended_action": "', f'"recommended_action": "{POISON} '
            )
    return batches


@cache
def _rows(count: int, start: int) -> list[Row]:
    return judged_batch(count, start)


def _come_between(job: Job, url: str, clock: JumpingClock) -> None:
    time.sleep(job.shape.pause_s)
    if job.between == "idle":
        clock.ahead_s += IDLE_S
    elif job.between == "stale":
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
        try:
            connection.request("POST", "/__stale")
            connection.getresponse().read()
        finally:
            connection.close()
