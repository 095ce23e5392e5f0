"""Start environments of a function before a job, by simultaneous calls."""

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
"""An empty batch, which costs no judge call."""
MAX_WAVES = 5
MAX_CALLS = 256
GATHER_WITHIN_S = 60.0

# Lambda's report line, in its text and JSON formats.
_INIT = re.compile(r'Init Duration: ([\d.]+) ms|"initDurationMs":\s*([\d.]+)')


@dataclass(frozen=True)
class Wave:
    """Simultaneous calls: their number, how many started an environment, and the slowest start in seconds."""

    calls: int
    started: int
    longest_init_s: float


@dataclass(frozen=True)
class Warmth:
    """The outcome of all waves for `requested` environments."""

    requested: int
    waves: Sequence[Wave]

    @property
    def started(self) -> int:
        """Environments that all waves started."""
        return sum(wave.started for wave in self.waves)

    @property
    def is_full(self) -> bool:
        """Whether as many were started as requested."""
        return self.started >= self.requested


def warm(clients: Clients, target: Target, requested: int, say: Callable[[str], None]) -> Warmth:
    """Send waves of `requested` simultaneous calls until that many environments started, or none did.

    An environment is busy while it starts, so that calls which arrive meanwhile start others. A warm one
    answers an empty batch in about a millisecond and may serve two calls of a wave. A wave that starts none
    therefore shows that all calls were served warm, but not by how many environments. Raises CloudError.
    """
    if not 1 <= requested <= MAX_CALLS:
        raise CloudError(
            f"N={requested} is not from 1 to {MAX_CALLS}",
            remedy="One machine can't keep more calls in flight; N should be the job's "
            "lambda_concurrency_limit.",
        )
    waves: list[Wave] = []
    while len(waves) < MAX_WAVES:
        wave = _wave(clients, target, requested)
        waves.append(wave)
        say(f"  wave {len(waves)}: {wave.calls} calls at once, {wave.started} environments started")
        if sum(each.started for each in waves) >= requested or not wave.started:
            break
    return Warmth(requested, tuple(waves))


def _wave(clients: Clients, target: Target, calls: int) -> Wave:
    """Start all threads, then let them call together. Raises the first error."""
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
    """Call the function; return the start time of its environment in s, 0 if warm. Raises CloudError."""
    with explained("calling the function"):
        answer = functions.invoke(FunctionName=target.arn, Payload=EVENT, **TAIL)
        body: bytes = answer["Payload"].read()
    if answer.get("FunctionError"):
        raise CloudError(
            f"the function failed on an empty batch: {body.decode('utf-8', 'replace')[:300]}",
            remedy="Run `make doctor`: a job would not get rewards either.",
        )
    match = _INIT.search(log_tail(answer))
    return float(match[1] or match[2]) / 1000 if match else 0.0
