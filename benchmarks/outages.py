"""What a judge's bad minute costs: outages, resets, poisoned rollouts, stragglers, and a long idle time."""

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.pacing_jobs import POISON, Batch, Job, Run, Shape
from benchmarks.pacing_runs import run_all
from benchmarks.pacing_sides import OURS, PLAIN
from benchmarks.results import BenchmarkError, Goal, Section, Table
from benchmarks.size import Size
from benchmarks.timing import Tick
from rewardctl.emulate import EmulatorSettings

LATENCY_S = 0.3
SEED = 20_260_401
TIME_S = 60.0
POISONED_OF_64 = 7
SIDES = (OURS, PLAIN)
RECOVER_WITHIN_S = 5.0
LATE_S = 0.5
"""How long after its deadline an answer may come: a quarter of the margin that Lambda's clock keeps."""
NIGHT_S = 4.0
"""Time for the batch that an outage takes whole, before the eight idle hours."""


def measure(size: Size, tick: Tick) -> Section:
    """Every kind of bad minute, and a judge that is gone for long."""
    jobs = {(job.name, job.side): job for job in (*_minutes(size), *_gone(size))}
    longest_first = dict(sorted(jobs.items(), key=lambda pair: -_most_s(pair[1])))
    runs = run_all(longest_first, tick)
    minutes = {key: runs[key] for key in jobs if key[0] not in _gone_names(size)}
    gone = {key: runs[key] for key in jobs if key[0] in _gone_names(size)}
    lost = {
        name: _healthy_lost(jobs[name, OURS], minutes[name, OURS]) for name, side in minutes if side == OURS
    }
    return Section(
        title="Outages: a judge's bad minute",
        how=_how(size),
        goals=(
            *(
                Goal(f"Outages, {name}: healthy rollouts unscored", "0", n, 0, f"{n}")
                for name, n in lost.items()
            ),
            *_goals_of_gone(size, jobs, gone),
        ),
        tables=(
            _table("A bad minute", jobs, minutes),
            _table(f"The judge gone for {size.outage_s:g} s", jobs, gone),
        ),
        data={f"{name}, {side}": _data(jobs[name, side], run) for (name, side), run in runs.items()},
    )


def _minutes(size: Size) -> list[Job]:
    """What takes rewards and need not: each side, several batches in a row, 60 s for each."""
    rounds, time_s = size.outage_rounds, size.outage_time_s
    found = [
        _job(f"503 for {size.short_outage_s:g} s", size, _judge(outage_s=size.short_outage_s), rounds),
        _job(f"503 for {size.long_outage_s:g} s", size, _judge(outage_s=size.long_outage_s), rounds),
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
    return [job for jobs in found for job in jobs]


def _job(
    name: str, size: Size, settings: EmulatorSettings, rounds: int, *, pause_s: float = 0.0, **more: Any
) -> list[Job]:
    shape = Shape(rollouts=size.rollouts, rounds=rounds, pause_s=pause_s)
    return [Job(name, side, settings, size.outage_time_s, shape, **more) for side in SIDES]


def _gone(size: Size) -> list[Job]:
    """Four environments with small batches, and the judge unavailable in the middle."""
    shape = Shape(2, 2, 8, run_s=size.outage_after_s + 2 * size.outage_s, pause_s=0.5)
    settings = _judge(latency_s=0.2, outage_after_s=size.outage_after_s, outage_s=size.outage_s)
    return [
        Job(_gone_name(time_s), side, settings, time_s, shape)
        for time_s in size.gone_times_s
        for side in SIDES
    ]


def _gone_name(time_s: float) -> str:
    return f"{time_s:g} s for a batch"


def _gone_names(size: Size) -> list[str]:
    return [_gone_name(time_s) for time_s in size.gone_times_s]


def _poisoned(size: Size) -> int:
    """Seven of 64, and as large a part of smaller batches; one at least."""
    return max(1, POISONED_OF_64 * size.rollouts // 64)


def _judge(**settings: Any) -> EmulatorSettings:
    return EmulatorSettings.from_dict({"latency_s": LATENCY_S, "seed": SEED, **settings})


def _most_s(job: Job) -> float:
    return job.shape.run_s or job.time_s * job.shape.rounds * bool(job.poisoned or job.settings.hang)


def _counted(job: Job, run: Run) -> list[Batch]:
    """All batches but a first one that had less time than the outage lasted."""
    return [batch for each in run.batches for batch in each[bool(job.first_time_s) :]]


def _healthy_lost(job: Job, run: Run) -> int:
    return sum(batch.unscored for batch in _counted(job, run))


def _goals_of_gone(
    size: Size, jobs: Mapping[tuple[str, str], Job], gone: Mapping[tuple[str, str], Run]
) -> list[Goal]:
    goals = []
    for name in _gone_names(size):
        run, time_s = gone[name, OURS], jobs[name, OURS].time_s
        goals.append(
            Goal(
                f"Judge gone, {name}: longest invocation",
                f"≤ {time_s + LATE_S:g} s",
                run.longest_s,
                time_s + LATE_S,
                f"{run.longest_s:.1f} s",
            )
        )
        recovery_s = recovery(run, size.outage_s)
        goals.append(
            Goal(
                f"Judge gone, {name}: all environments score again after its return",
                f"within {RECOVER_WITHIN_S:g} s",
                recovery_s,
                RECOVER_WITHIN_S,
                f"{recovery_s:.1f} s",
            )
        )
    patient = _gone_names(size)[-1]
    left = gone[patient, OURS].unscored
    return [*goals, Goal(f"Judge gone, {patient}: rollouts unscored", "0", left, 0, str(left))]


def recovery(run: Run, outage_s: float) -> float:
    """Seconds from the judge's return until each environment has ended a batch with all rollouts scored.

    Raises BenchmarkError where the outage met no call, or an environment never did.
    """
    down = [at_s for at_s, outcomes in run.seen if outcomes.get("outage")]
    if not down:
        raise BenchmarkError("the outage met no call")
    back_s = down[0] + outage_s
    whole = [
        [batch.ended_s for batch in batches if batch.ended_s >= back_s and not batch.unscored]
        for batches in run.batches
    ]
    if not all(whole):
        raise BenchmarkError("an environment scored no batch after the outage; measure for longer")
    return max(min(ends) for ends in whole) - back_s


def _table(title: str, jobs: Mapping[tuple[str, str], Job], runs: Mapping[tuple[str, str], Run]) -> Table:
    columns = ("what, side", "rollouts", "healthy unscored", "poisoned unscored")
    rows = []
    for key, run in runs.items():
        counted = _counted(jobs[key], run)
        rows.append(
            (
                ", ".join(key),
                str(sum(batch.rollouts for batch in counted)),
                str(sum(batch.unscored for batch in counted)),
                str(sum(batch.poisoned_unscored for batch in counted)),
                f"{run.longest_s:.1f}",
                f"{run.total_s:.1f}",
                f"{run.calls:,}",
            )
        )
    return Table(title, (*columns, "longest batch, s", "total, s", "calls"), rows)


def _how(size: Size) -> Sequence[str]:
    return (
        f"Batches of {size.rollouts} follow each other, {size.outage_rounds} for most rows, with "
        f"{size.outage_time_s:g} s for each; the judge takes {LATENCY_S:g} s. {OURS}: the reward function, "
        f"with all that it remembers of its judge from batch to batch. {PLAIN}: a pool of threads that waits "
        "and tries again until the deadline.",
        "503: all calls of the first seconds. Poisoned: rollouts whose calls always end in a 500; they can't "
        "be scored, their neighbours can. Reset: the connection ends without an answer. Stale: all "
        "connections in the pool are reset at their next use before each batch but the first, as after a "
        "freeze. Hang: no answer ever; drip: an answer that takes two minutes to come.",
        f"Eight idle hours: a first batch with {NIGHT_S:g} s, all of which the judge is gone, counts not; "
        "then the clock of what outlives a batch jumps ahead.",
        f"The judge gone: {size.outage_s:g} s of 503 in the middle of four environments' work, batches of 8.",
    )


def _data(job: Job, run: Run) -> dict[str, Any]:
    counted = _counted(job, run)
    return {
        "rollouts": sum(batch.rollouts for batch in counted),
        "healthy_unscored": _healthy_lost(job, run),
        "poisoned_unscored": sum(batch.poisoned_unscored for batch in counted),
        "batches_s": [batch.took_s for batch in counted],
        "total_s": run.total_s,
        "outcomes": run.outcomes,
    }
