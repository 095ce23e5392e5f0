"""Environments that score batches, in a process of their own."""

import multiprocessing.synchronize
import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a process imports the reward function when it has set the variables that it reads
    from benchmarks.material import Row
    from reward_fn.handler import Service

DEADLINE_S = 55.0
DIFFERENT_BATCHES = 30
START_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class Shape:
    """``processes`` with ``environments`` each, which take up no batch of ``rollouts`` after ``run_s``."""

    processes: int
    environments: int
    rollouts: int
    run_s: float
    pause_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Batch:
    """What one came to: on the clock, in rollouts."""

    begun_s: float
    ended_s: float
    rollouts: int
    flagged: int
    lost: int


_start: "multiprocessing.synchronize.Barrier | None" = None


def wait_for_others(start: "multiprocessing.synchronize.Barrier") -> None:
    """Set in a new process what its environments wait at, so that all begin at once."""
    global _start
    _start = start


def work(number: int, shape: Shape, url: str, paced: bool) -> list[list[Batch]]:
    """The batches of each environment of process ``number``; only the ``paced`` have a limiter each."""
    os.environ["BOTO_DISABLE_CRT"] = "true"
    from benchmarks.environment import lambda_environment
    from benchmarks.material import judged_batch
    from reward_fn.handler import load_service
    from reward_fn.settings import read_settings

    with lambda_environment(url, DEADLINE_S=str(DEADLINE_S)):
        service = load_service(read_settings())
        count = shape.rollouts
        rows = judged_batch(count * DIFFERENT_BATCHES, 10_000 * number)
        batches = [rows[at : at + count] for at in range(0, len(rows), count)]
        if _start is not None:
            _start.wait(START_TIMEOUT_S)
        environment = partial(_environment, service, batches, shape, paced)
        with ThreadPoolExecutor(shape.environments) as pool:
            return list(pool.map(environment, [time.time() + shape.run_s] * shape.environments))


def _environment(
    service: "Service", batches: "Sequence[list[Row]]", shape: Shape, paced: bool, end_s: float
) -> list[Batch]:
    """One environment with gates of its own, or none; it has one batch in hand at a time."""
    from reward_fn.deadline import Deadline
    from reward_fn.judge.gates import Gates
    from reward_fn.pipeline import score_batch

    gates = Gates() if paced else None
    done: list[Batch] = []
    for batch in cycle(batches):
        if (begun_s := time.time()) >= end_s:
            break
        scored = score_batch(
            batch,
            definition=service.definition,
            judge=service.judge,
            settings=service.settings,
            deadline=Deadline.after(DEADLINE_S),
            gates=gates,
        )
        flagged = sum(result.imputed for result in scored.results)
        lost = sum(row["id"] != r.id for row, r in zip(batch, scored.results, strict=False))
        lost += abs(len(batch) - len(scored.results))
        done.append(Batch(begun_s, time.time(), len(batch), flagged, lost))
        time.sleep(shape.pause_s)
    return done
