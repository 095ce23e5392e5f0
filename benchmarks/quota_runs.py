"""Many environments at one stand-in with a quota, watched from outside."""

import json
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from benchmarks.results import BenchmarkError
from benchmarks.timing import Tick
from rewardctl.emulate import Emulator, EmulatorSettings

ROOT = Path(__file__).resolve().parent.parent
LOOK_EVERY_S = 0.5
WORKER_TIMEOUT_S = 300.0
THROTTLED = "rate_limited"


@dataclass(frozen=True, slots=True)
class Shape:
    """``processes`` with as many ``environments`` each, ``batches`` each of those, ``rollouts`` a batch."""

    processes: int
    environments: int
    batches: int
    rollouts: int
    pause_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Watched:
    """``seen`` is (seconds, calls by outcome so far); ``done`` the batches of each environment."""

    seen: tuple[tuple[float, dict[str, int]], ...]
    done: tuple[list[dict[str, float]], ...]
    begun_s: float

    @property
    def first_end_s(self) -> float:
        """When the first environment ran out of batches: from then on demand falls."""
        return min(batches[-1]["ended_s"] for batches in self.done)

    def total(self, name: str) -> int:
        """The sum of a count over all batches."""
        return int(sum(batch[name] for batches in self.done for batch in batches))

    @property
    def longest_s(self) -> float:
        """The longest batch."""
        return max(batch["ended_s"] - batch["begun_s"] for batches in self.done for batch in batches)

    def between(self, begin_s: float, end_s: float) -> tuple[float, float]:
        """Calls served a second, and the share rejected, from one time to another."""
        inside = [each for each in self.seen if begin_s <= each[0] <= end_s]
        if len(inside) < 2:
            return 0.0, 1.0
        (first_s, first), (last_s, last) = inside[0], inside[-1]
        served, rejected = (last.get(k, 0) - first.get(k, 0) for k in ("served", THROTTLED))
        return served / (last_s - first_s), rejected / max(1, served + rejected)


def watch(shape: Shape, settings: EmulatorSettings, *, paced: bool, tick: Tick) -> Watched:
    """Run all environments to their end. Raises BenchmarkError where one of their processes fails."""
    with Emulator(settings) as emulator, ExitStack() as files:
        # Into files: a pipe that nobody reads holds up whoever has more to say than it can hold.
        told = [files.enter_context(tempfile.TemporaryFile()) for _ in range(shape.processes)]
        workers = [_start(number, shape, emulator.url, paced, told[number]) for number in range(len(told))]
        try:
            begun_s, seen = time.time(), []
            while any(worker.poll() is None for worker in workers):
                seen.append((time.time(), emulator.stats().outcomes))
                tick(f"{'with' if paced else 'without'} the limiter, {time.time() - begun_s:.0f} s")
                if time.time() - begun_s > WORKER_TIMEOUT_S:
                    raise BenchmarkError("the environments did not come to an end")
                time.sleep(LOOK_EVERY_S)
        finally:
            for worker in workers:
                if worker.poll() is None:
                    worker.kill()
                    worker.wait()
        if any(worker.returncode for worker in workers):
            raise BenchmarkError("a process with environments failed; its own words are on standard error")
        done = [batches for file in told for batches in _read(file)]
    return Watched(tuple(seen), tuple(done), begun_s)


def _read(file: IO[bytes]) -> list[list[dict[str, float]]]:
    """What a process told of its environments, batch by batch."""
    file.seek(0)
    found: list[list[dict[str, float]]] = json.load(file)
    return found


def _start(number: int, shape: Shape, url: str, paced: bool, told: IO[bytes]) -> "subprocess.Popen[bytes]":
    plan: dict[str, Any] = {
        "url": url,
        "number": number,
        "paced": paced,
        "environments": shape.environments,
        "batches": shape.batches,
        "rollouts": shape.rollouts,
        "pause_s": shape.pause_s,
    }
    command = [sys.executable, "-m", "benchmarks.quota_worker", json.dumps(plan)]
    return subprocess.Popen(command, cwd=ROOT, stdout=told)
