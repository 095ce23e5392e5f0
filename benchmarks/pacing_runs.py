"""Run jobs: their environments in separate processes, with a separate stand-in."""

import multiprocessing
import os
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from multiprocessing.connection import Connection, wait
from threading import BrokenBarrierError
from typing import TYPE_CHECKING, Any

from benchmarks.pacing_jobs import Batch, Job, Run
from benchmarks.results import BenchmarkError
from benchmarks.timing import Tick
from rewardctl.emulate import Emulator

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerContext
    from multiprocessing.synchronize import Barrier

AT_ONCE = 4
"""Runs side by side: nearly all of their time is waiting, and two cores bear four of them."""
LOOK_EVERY_S = 0.5
START_TIMEOUT_S = 120.0
OVER_TIME_S = 60.0
"""A run that still works this long after its last deadline is invalid."""


def run_all(jobs: Mapping[Any, Job], tick: Tick, *, at_once: int = AT_ONCE) -> dict[Any, Run]:
    """All jobs by their key, ``at_once`` side by side. Raises BenchmarkError if one does not end."""
    with ThreadPoolExecutor(at_once) as pool:
        runs = {key: pool.submit(run, job) for key, job in jobs.items()}
        try:
            for number, (key, job) in enumerate(jobs.items(), 1):
                tick(f"run {number} of {len(jobs)}: {job.name}, {job.time_s:g} s for a batch, {job.side}")
                runs[key].result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return {key: future.result() for key, future in runs.items()}


def run(job: Job) -> Run:
    """Run one job. Its processes are killed at the end, since abandoned calls may go on for minutes."""
    context = _context()
    start = context.Barrier(job.shape.processes + 1)
    with Emulator(job.settings) as emulator:
        children, pipes = [], []
        for number in range(job.shape.processes):
            here, there = context.Pipe(duplex=False)
            child = context.Process(target=_work, args=(job, number, emulator.url, start, there), daemon=True)
            child.start()
            there.close()
            children.append(child)
            pipes.append(here)
        try:
            if _wait_at(start):
                emulator.reset()  # starts its clock, which times the outages
                _wait_at(start)
            return _watch(job, emulator, pipes)
        finally:
            for child in children:
                child.kill()
                child.join()


def _wait_at(start: "Barrier") -> bool:
    """Whether all processes arrived; if not, one of them reports the reason through its pipe."""
    try:
        start.wait(START_TIMEOUT_S)
    except BrokenBarrierError:
        return False
    return True


def _watch(job: Job, emulator: Emulator, pipes: list[Connection]) -> Run:
    """Collect the processes' batches, and sample the stand-in's counters meanwhile."""
    shape, waiting = job.shape, list(pipes)
    end_s = time.monotonic() + (shape.run_s or job.time_s * shape.rounds) + job.time_s + OVER_TIME_S
    done: list[list[Batch]] = []
    samples = []
    while waiting:
        samples.append((time.time(), emulator.stats().outcomes))
        for pipe in wait(waiting, LOOK_EVERY_S):
            assert isinstance(pipe, Connection)
            waiting.remove(pipe)
            done += _received(job, pipe)
        if time.monotonic() > end_s:
            raise BenchmarkError(f"{job.name}, {job.side}: still at work long after its last deadline")
    samples.append((time.time(), emulator.stats().outcomes))
    return Run(tuple(done), tuple(samples))


def _received(job: Job, pipe: Connection) -> list[list[Batch]]:
    """The batches that a process sends. Raises BenchmarkError if the process failed."""
    try:
        message = pipe.recv()
    except EOFError:
        message = "its process ended early"
    if isinstance(message, str):
        raise BenchmarkError(f"{job.name}, {job.side}: an environment failed: {message}")
    return list(message)


def _work(job: Job, number: int, url: str, start: "Barrier", results: Connection) -> None:
    """The child's entry point; the import happens only there, after the environment has been prepared."""
    from benchmarks.pacing_worker import work

    work(job, number, url, start, results)


@cache
def _context() -> "ForkServerContext":
    """Processes are forked from a server process that has imported everything and runs no threads."""
    os.environ["BOTO_DISABLE_CRT"] = "true"  # before botocore is imported, which reads it then
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["benchmarks.pacing_worker"])
    return context
