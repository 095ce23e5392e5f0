"""Environments of a function started before a job, by calls that are in flight at the same time."""

import re
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from rewardctl.cloud.clients import Clients
from rewardctl.cloud.errors import CloudError, explained
from rewardctl.cloud.log_tail import TAIL, log_tail
from rewardctl.cloud.target import Target

EVENT = b"[]"
"""An empty batch: answered with an empty list, judged by nobody."""
MAX_WAVES = 5
MAX_CALLS = 256
GATHER_WITHIN_S = 60.0

# Lambda's own report line, as text and as JSON.
_INIT = re.compile(r'Init Duration: ([\d.]+) ms|"initDurationMs":\s*([\d.]+)')


@dataclass(frozen=True)
class Wave:
    """Calls sent at once: how many, how many of them started an environment, and how long the longest of
    these starts took, in seconds."""

    calls: int
    started: int
    longest_init_s: float


@dataclass(frozen=True)
class Warmth:
    """What came of it. `started` environments are new; `is_full` where each of the wanted ones is."""

    wanted: int
    waves: Sequence[Wave]

    @property
    def started(self) -> int:
        """Environments that were started, over all waves."""
        return sum(wave.started for wave in self.waves)

    @property
    def is_full(self) -> bool:
        """Whether as many were started as were wanted."""
        return self.started >= self.wanted


def warm(clients: Clients, target: Target, wanted: int, say: Callable[[str], None]) -> Warmth:
    """Sends waves of `wanted` simultaneous calls until that many environments were started, or a wave
    starts none.

    A starting environment is busy for as long as it starts, so calls that arrive meanwhile start others. A
    warm one answers an empty batch in about a millisecond and may take two calls of a wave: so a wave that
    starts none says that the calls at hand were all served warm, not by how many. Raises CloudError.
    """
    if not 1 <= wanted <= MAX_CALLS:
        raise CloudError(
            f"N={wanted} is not from 1 to {MAX_CALLS}",
            remedy="One machine can't keep more calls in flight at once; a job's lambda_concurrency_limit "
            "is what N should be.",
        )
    waves: list[Wave] = []
    while len(waves) < MAX_WAVES:
        wave = _wave(clients, target, wanted)
        waves.append(wave)
        say(f"  wave {len(waves)}: {wave.calls} calls at once, {wave.started} environments started")
        if sum(each.started for each in waves) >= wanted or not wave.started:
            break
    return Warmth(wanted, tuple(waves))


def _wave(clients: Clients, target: Target, calls: int) -> Wave:
    """All threads wait for each other, then call. The first error of any is raised."""
    together = threading.Barrier(calls)
    functions = clients("lambda")

    def call(_: int) -> float:
        together.wait(GATHER_WITHIN_S)
        return _init_s(functions, target)

    with ThreadPoolExecutor(calls, thread_name_prefix="warm") as pool:
        inits_s = list(pool.map(call, range(calls)))
    started = [each for each in inits_s if each > 0]
    return Wave(calls, len(started), max(started, default=0.0))


def _init_s(functions: Any, target: Target) -> float:
    """One call; the seconds that its environment took to start, 0 for a warm one. Raises CloudError."""
    with explained("calling the function"):
        answer = functions.invoke(FunctionName=target.arn, Payload=EVENT, **TAIL)
        body: bytes = answer["Payload"].read()
    if answer.get("FunctionError"):
        raise CloudError(
            f"the function failed on an empty batch: {body.decode('utf-8', 'replace')[:300]}",
            remedy="Run `make doctor`: no job would get rewards either.",
        )
    found = _INIT.search(log_tail(answer))
    return float(found[1] or found[2]) / 1000 if found else 0.0
