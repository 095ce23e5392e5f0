"""Send a trainer's invocations, and measure what it waits for."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from rewardctl.cloud.errors import CloudError
from rewardctl.engine.functions import Invoke
from rewardctl.local.errors import LocalError
from rewardctl.local.outcome import results_of
from rewardctl.simulate.calls.pattern import RETRIES

FIRST_WAIT_S = 0.5


@dataclass(frozen=True, slots=True)
class Call:
    """An invocation: seconds from the first attempt to the end, attempts, results; None if all failed."""

    wall_s: float
    attempts: int
    results: Sequence[dict[str, Any]] | None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """A step's invocations, and the seconds until the last answer."""

    wall_s: float
    calls: Sequence[Call]


def run_step(events: Sequence[bytes], invoke: Invoke, concurrency: int) -> Step:
    """Send the events of a step, ``concurrency`` at once, and wait for all answers."""
    begun_s = time.perf_counter()
    with ThreadPoolExecutor(concurrency, thread_name_prefix="trainer") as pool:
        calls = list(pool.map(lambda event: call(event, invoke), events))
    return Step(time.perf_counter() - begun_s, calls)


def call(event: bytes, invoke: Invoke, sleep: Callable[[float], None] = time.sleep) -> Call:
    """Invoke once, and up to RETRIES times more after a failure, as trainers do."""
    begun_s, error = time.perf_counter(), ""
    for attempt in range(RETRIES + 1):
        if attempt:
            sleep(FIRST_WAIT_S * 2 ** (attempt - 1))
        try:
            results = results_of(invoke(event))
        except (LocalError, CloudError) as failure:
            error = str(failure)
            continue
        return Call(time.perf_counter() - begun_s, attempt + 1, results)
    return Call(time.perf_counter() - begun_s, RETRIES + 1, None, error)
