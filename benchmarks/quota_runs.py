"""Many environments at one stand-in with a quota, watched from outside."""

import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from benchmarks.quota_worker import Batch, Shape, wait_for_others, work
from benchmarks.timing import Tick
from rewardctl.emulate import Emulator, EmulatorSettings

LOOK_EVERY_S = 0.5
THROTTLED = "rate_limited"


@dataclass(frozen=True, slots=True)
class Watched:
    """``seen`` is (time, calls by outcome so far); ``done`` the batches of each environment."""

    seen: tuple[tuple[float, dict[str, int]], ...]
    done: tuple[list[Batch], ...]

    @property
    def begun_s(self) -> float:
        """When the last environment began: they wait for each other."""
        return max(batches[0].begun_s for batches in self.done)

    @property
    def batches(self) -> list[Batch]:
        """Those of all environments."""
        return [batch for batches in self.done for batch in batches]

    @property
    def flagged(self) -> int:
        """Rollouts without a verdict of their own."""
        return sum(batch.flagged for batch in self.batches)

    @property
    def lost(self) -> int:
        """Rollouts without a result of their own, in their place."""
        return sum(batch.lost for batch in self.batches)

    @property
    def longest_s(self) -> float:
        """The longest batch."""
        return max(batch.ended_s - batch.begun_s for batch in self.batches)

    def between(self, begin_s: float, end_s: float) -> tuple[float, float]:
        """Calls served a second, and the share rejected, from one time to another."""
        inside = [each for each in self.seen if begin_s <= each[0] <= end_s]
        if len(inside) < 2:
            return 0.0, 1.0
        (first_s, first), (last_s, last) = inside[0], inside[-1]
        served, rejected = (last.get(k, 0) - first.get(k, 0) for k in ("served", THROTTLED))
        return served / (last_s - first_s), rejected / max(1, served + rejected)


def watch(shape: Shape, settings: EmulatorSettings, *, paced: bool, tick: Tick) -> Watched:
    """Run all environments to their end. Raises what ends one of their processes."""
    new = multiprocessing.get_context("spawn")
    start = new.Barrier(shape.processes)
    with (
        Emulator(settings) as emulator,
        ProcessPoolExecutor(
            shape.processes, mp_context=new, initializer=wait_for_others, initargs=(start,)
        ) as pool,
    ):
        runs = [pool.submit(work, number, shape, emulator.url, paced) for number in range(shape.processes)]
        begun_s, seen = time.time(), []
        while not all(run.done() for run in runs):
            seen.append((time.time(), emulator.stats().outcomes))
            tick(f"{'with' if paced else 'without'} the limiter, {time.time() - begun_s:.0f} s")
            time.sleep(LOOK_EVERY_S)
        seen.append((time.time(), emulator.stats().outcomes))
        done = [batches for run in runs for batches in run.result()]
    return Watched(tuple(seen), tuple(done))
