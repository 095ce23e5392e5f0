"""The regimes of the pacing matrix: how the calls are throttled, and who shares the quota."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.pacing_jobs import Shape
from benchmarks.size import Size
from rewardctl.emulate import EmulatorSettings

LATENCY_S = 0.3
SEED = 20_260_401
SHARED_PER_S = 100.0


@dataclass(frozen=True, slots=True)
class Regime:
    """One row of the matrix.

    ``quota_per_s`` is the quota, in calls a second, that environments share; 0 if they share none. ``exact``
    rows take little more than the judge's own time, so nothing else may run beside them. ``patient`` rows
    have calls that reach the deadline, so more than 55 s for a batch can change something.
    """

    name: str
    settings: EmulatorSettings
    shape: Shape
    quota_per_s: float = 0.0
    exact: bool = False
    patient: bool = False


def regimes(size: Size) -> list[Regime]:
    """All rows, or those that ``size`` names."""
    alone = Shape(rollouts=size.rollouts, rounds=size.pacing_rounds)
    several = Shape(2, 2, size.rollouts, size.pacing_rounds)
    rows = [
        Regime("no throttles", _judge(), alone, exact=True),
        Regime("10 % by chance", _judge(throttle=0.1), several),
        Regime("33 % by chance", _judge(throttle=0.33), several),
        Regime("50 % by chance", _judge(throttle=0.5), several, patient=True),
        Regime("quota 200 a second", _judge(max_requests_per_s=200), alone, exact=True),
        Regime("quota 30 a second", _judge(max_requests_per_s=30), alone),
        Regime("quota 8 a second", _judge(max_requests_per_s=8), alone, patient=True),
        Regime("quota 450,000 tokens a minute", _judge(max_tokens_per_min=450_000), alone),
        Regime(
            "quota 20 a second, half of it from 2 s to 8 s",
            _judge(max_requests_per_s=20, halved_after_s=2, halved_s=6),
            alone,
        ),
        Regime("judge gone for the first 20 s", _judge(outage_s=20), alone),
        Regime(
            "quota 30 a second, others take 90 % for 3 s of 6 s",
            _judge(max_requests_per_s=30, storm_every_s=6, storm_s=3, storm_share=0.9),
            alone,
        ),
        *shared(size),
    ]
    return [row for row in rows if not size.pacing_regimes or row.name in size.pacing_regimes]


def shared(size: Size) -> Sequence[Regime]:
    """A quota of 100 calls a second, shared by environments that do not communicate."""
    quota = _judge(latency_s=0.5, latency_spread=0.3, max_requests_per_s=SHARED_PER_S)
    many = Shape(4, 3, size.rollouts, run_s=size.shared_s)
    single = Shape(4, 25, 1, run_s=size.shared_s)
    return (
        Regime("12 environments, 100 a second", quota, many, SHARED_PER_S),
        Regime("100 environments, 100 a second", quota, single, SHARED_PER_S),
    )


def _judge(**settings: float) -> EmulatorSettings:
    return EmulatorSettings.from_dict({"latency_s": LATENCY_S, "seed": SEED, **settings})
