"""The jobs of the section on outages: each kind of outage, for each side."""

from typing import Any

from benchmarks.pacing_jobs import POISON, Job, Shape
from benchmarks.pacing_sides import OURS, PLAIN
from benchmarks.size import Size
from rewardctl.emulate import EmulatorSettings

LATENCY_S = 0.3
SEED = 20_260_401
POISONED_OF_64 = 7
SIDES = (OURS, PLAIN)
WAVES = 4
"""Batches larger than the pool: some calls are answered, some in flight, some not started."""
NIGHT_S = 4.0
"""Seconds for the batch that an outage covers, before eight idle hours."""


def minute_jobs(size: Size) -> list[Job]:
    """Failures that cost rewards: for each side several batches in a row, 60 s for each."""
    rounds, time_s = size.outage_rounds, size.outage_time_s
    job_lists = [
        _job(f"503 for {size.short_outage_s:g} s", size, _judge(outage_s=size.short_outage_s), rounds),
        _job(f"503 for {size.long_outage_s:g} s", size, _judge(outage_s=size.long_outage_s), rounds),
        _job(
            f"503 for {size.outage_s:g} s within a batch of {WAVES * size.rollouts}",
            size,
            _judge(outage_after_s=LATENCY_S, outage_s=size.outage_s),
            1,
            waves=WAVES,
        ),
        _job(
            f"{_poisoned(size)} of {size.rollouts} poisoned",
            size,
            _judge(poison=POISON),
            rounds,
            poisoned=_poisoned(size),
        ),
        _job("a fifth of calls reset", size, _judge(reset=0.2), rounds),
        _job("stale connections", size, _judge(), rounds, between="stale"),
        _job("a tenth of calls hang, a tenth drip", size, _judge(hang=0.1, drip=0.1), min(rounds, 2)),
        _job(
            "eight idle hours after an outage",
            size,
            _judge(outage_s=min(NIGHT_S, time_s) + 0.5),
            min(rounds, 3),
            first_time_s=min(NIGHT_S, time_s),
            between="idle",
            pause_s=1.0,
        ),
    ]
    return [job for jobs in job_lists for job in jobs]


def _job(
    name: str,
    size: Size,
    settings: EmulatorSettings,
    rounds: int,
    *,
    pause_s: float = 0.0,
    waves: int = 1,
    **more: Any,
) -> list[Job]:
    shape = Shape(rollouts=waves * size.rollouts, rounds=rounds, pause_s=pause_s)
    return [Job(name, side, settings, size.outage_time_s, shape, **more) for side in SIDES]


def gone_jobs(size: Size) -> list[Job]:
    """Four environments with small batches; the judge is unavailable in the middle of their work."""
    shape = Shape(2, 2, 8, run_s=size.outage_after_s + 2 * size.outage_s, pause_s=0.5)
    settings = _judge(latency_s=0.2, outage_after_s=size.outage_after_s, outage_s=size.outage_s)
    return [
        Job(f"{time_s:g} s for a batch", side, settings, time_s, shape)
        for time_s in size.gone_times_s
        for side in SIDES
    ]


def _poisoned(size: Size) -> int:
    """Seven of 64, the same share of smaller batches, and at least one."""
    return max(1, POISONED_OF_64 * size.rollouts // 64)


def _judge(**settings: Any) -> EmulatorSettings:
    return EmulatorSettings.from_dict({"latency_s": LATENCY_S, "seed": SEED, **settings})
