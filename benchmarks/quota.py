"""Environments that share a quota, and a judge that is gone for a while."""

from typing import Any

from benchmarks.quota_runs import Watched, watch
from benchmarks.quota_worker import DEADLINE_S, Shape
from benchmarks.results import BenchmarkError, Goal, Section, Table
from benchmarks.size import Size
from benchmarks.timing import Tick
from rewardctl.emulate import EmulatorSettings

LATENCY_S = 0.5
QUOTA = EmulatorSettings(max_requests_per_s=100.0, latency_s=LATENCY_S, latency_spread=0.3)
RECOVER_WITHIN_S = 5.0


def measure(size: Size, tick: Tick) -> Section:
    """Twelve environments with full batches, a hundred with one rollout each, and an outage."""
    shapes = {
        f"12 environments, batches of {size.rollouts}": Shape(12, 1, size.rollouts, size.quota_s),
        "100 environments, one rollout at a time": Shape(4, 25, 1, size.quota_s),
    }
    runs = {
        (name, paced): watch(shape, QUOTA, paced=paced, tick=tick)
        for name, shape in shapes.items()
        for paced in (True, False)
    }
    outage, goals_of_outage, told = _outage(size, tick)
    lost = sum(run.lost for run in (*runs.values(), outage))
    goals = [Goal("Quota: rollouts lost or out of order", "0", lost, 0, str(lost))]
    for name in shapes:
        served, rejected = _settled(runs[name, True], size)
        goals.append(
            Goal(
                f"Quota, {name}: goodput", "at least 90 of 100 a second", served, 90.0, f"{served:.1f}", False
            )
        )
        goals.append(Goal(f"Quota, {name}: calls rejected", "at most 10 %", rejected, 0.1, f"{rejected:.1%}"))
    return Section(
        title="Quota: environments that share 100 calls a second, and a judge that is gone",
        how=_how(size),
        goals=(*goals, *goals_of_outage),
        tables=(_table(runs, size), told),
        data={
            f"{name}, {'with' if paced else 'without'}": _data(run, size)
            for (name, paced), run in runs.items()
        },
    )


def _settled(run: Watched, size: Size) -> tuple[float, float]:
    """Served a second, and the share rejected, from the end of the warm-up until no more batches begin."""
    return run.between(run.begun_s + size.quota_warm_s, run.begun_s + size.quota_s)


def _table(runs: dict[tuple[str, bool], Watched], size: Size) -> Table:
    rows = []
    for (name, paced), run in runs.items():
        served, rejected = _settled(run, size)
        _, rejected_before = run.between(run.begun_s, run.begun_s + size.quota_warm_s)
        shares = [sum(batch.rollouts for batch in batches) for batches in run.done]
        rows.append(
            (
                f"{name}, {'with' if paced else 'without'} the limiter",
                f"{served:.1f}",
                f"{rejected:.1%}",
                f"{rejected_before:.1%}",
                f"{run.flagged}",
                f"{run.longest_s:.1f}",
                f"{min(shares)} to {max(shares)}",
            )
        )
    columns = (
        *("run", "served a second", "rejected", "rejected in the warm-up"),
        *("flagged", "longest batch, s", "rollouts of an environment"),
    )
    return Table("At a quota of 100 calls a second", columns, rows)


def _outage(size: Size, tick: Tick) -> tuple[Watched, tuple[Goal, ...], Table]:
    """Four environments with small batches, and the judge unavailable in the middle."""
    shape = Shape(2, 2, 8, size.outage_after_s + 2 * size.outage_s, pause_s=0.5)
    settings = EmulatorSettings(latency_s=0.2, outage_after_s=size.outage_after_s, outage_s=size.outage_s)
    run = watch(shape, settings, paced=True, tick=tick)
    down = [at_s for at_s, outcomes in run.seen if outcomes.get("outage")]
    if not down:
        raise BenchmarkError("the outage met no call")
    back_s = down[0] + size.outage_s
    last_s = max((batch.ended_s for batch in run.batches if batch.flagged), default=back_s)
    recovery_s = max(0.0, last_s - back_s)
    rollouts = sum(batch.rollouts for batch in run.batches)
    unexplained = abs(run.flagged - (rollouts - run.seen[-1][1].get("served", 0)))
    goals = (
        Goal(
            "Outage: longest invocation",
            f"under {DEADLINE_S:g} s",
            run.longest_s,
            DEADLINE_S,
            f"{run.longest_s:.1f} s",
        ),
        Goal(
            "Outage: last flagged batch after the judge's return",
            "within 5 s",
            recovery_s,
            RECOVER_WITHIN_S,
            f"{recovery_s:.1f} s",
        ),
        Goal(
            "Outage: flagged rollouts beyond those that got no verdict", "0", unexplained, 0, str(unexplained)
        ),
    )
    rows = [
        ("rollouts", str(rollouts)),
        ("flagged", str(run.flagged)),
        ("calls that met the outage", str(run.seen[-1][1].get("outage", 0))),
        ("longest batch, s", f"{run.longest_s:.1f}"),
    ]
    return run, goals, Table(f"The judge gone for {size.outage_s:g} s", ("what", "count"), rows)


def _how(size: Size) -> tuple[str, ...]:
    return (
        "The stand-in lets 100 calls a second through, with a second's worth at once; a call takes "
        f"{LATENCY_S:g} s on the mean. Twelve processes score batches of {size.rollouts}; a hundred "
        f"environments, in four processes, one rollout after the other. They begin together and take up no "
        f"batch after {size.quota_s:g} s; quota, rates and latency are not scaled.",
        f"Measured from {size.quota_warm_s:g} s on until then. The limiter knows nothing of the quota or of "
        "the other environments.",
        f"The outage: {size.outage_s:g} s of 503 for every call, in the middle of four environments' work, "
        "batches of 8.",
    )


def _data(run: Watched, size: Size) -> dict[str, Any]:
    served, rejected = _settled(run, size)
    return {
        "served_per_s": served,
        "rejected": rejected,
        "flagged": run.flagged,
        "longest_s": run.longest_s,
    }
