"""The cost of failures: outages, resets, poisoned rollouts, stragglers, and a long idle time."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchmarks.outage_jobs import LATENCY_S, NIGHT_S, SIDES, gone_jobs, minute_jobs
from benchmarks.pacing_jobs import Batch, Job, Run
from benchmarks.pacing_runs import run_all
from benchmarks.pacing_sides import OURS, PLAIN
from benchmarks.results import BenchmarkError, Goal, Section, Table
from benchmarks.size import Size
from benchmarks.timing import Tick

RECOVER_WITHIN_S = 5.0
NEVER_S = 3600.0
LATE_S = 0.5
"""Seconds that an answer may be late: a quarter of the margin before Lambda's time-out."""


def measure(size: Size, tick: Tick) -> Section:
    """Measure every kind of failure, and a long outage."""
    minutes = {(job.name, job.side): job for job in minute_jobs(size)}
    gone = {(job.name, job.side): job for job in gone_jobs(size)}
    longest_first = sorted((minutes | gone).items(), key=lambda pair: -_most_s(pair[1]))
    runs = run_all(dict(longest_first), tick)
    lost = {
        name: _healthy_lost(job, runs[name, OURS]) for (name, side), job in minutes.items() if side == OURS
    }
    return Section(
        title="Outages: a judge's bad minute",
        how=_how(size),
        goals=(
            *(
                Goal(f"Outages, {name}: healthy rollouts unscored", "0", n, 0, str(n))
                for name, n in lost.items()
            ),
            *(goal for job in gone.values() if job.side == OURS for goal in _goals_of_gone(job, runs, size)),
        ),
        tables=(
            _table("A bad minute", minutes, {key: runs[key] for key in minutes}),
            _table(f"The judge gone for {size.outage_s:g} s", gone, {key: runs[key] for key in gone}),
        ),
        data={
            f"{name}, {side}": _data(job, runs[name, side]) for (name, side), job in (minutes | gone).items()
        },
    )


def _most_s(job: Job) -> float:
    return job.shape.run_s or job.time_s * job.shape.rounds * bool(job.poisoned or job.settings.hang)


def _counted(job: Job, run: Run) -> list[Batch]:
    """All batches, without a first batch that has less time than the outage lasts."""
    return [batch for batches in run.batches for batch in batches[bool(job.first_time_s) :]]


def _healthy_lost(job: Job, run: Run) -> int:
    return sum(batch.unscored for batch in _counted(job, run))


def _goals_of_gone(job: Job, runs: Mapping[tuple[str, str], Run], size: Size) -> list[Goal]:
    """Goals for the reward function. Only a batch with more time than the outage can be scored whole."""
    run, latest_s = runs[job.name, OURS], job.time_s + LATE_S
    recovered_s = recovery(run, size.outage_after_s + size.outage_s)
    what = f"Judge gone, {job.name}:"
    goals = [
        Goal(
            f"{what} longest invocation",
            f"≤ {latest_s:g} s",
            run.longest_s,
            latest_s,
            f"{run.longest_s:.1f} s",
        ),
        Goal(
            f"{what} until all environments score again",
            f"within {RECOVER_WITHIN_S:g} s",
            recovered_s,
            RECOVER_WITHIN_S,
            f"{recovered_s:.1f} s",
        ),
    ]
    if job.time_s > size.outage_s + RECOVER_WITHIN_S:
        goals.append(Goal(f"{what} rollouts unscored", "0", run.unscored, 0, str(run.unscored)))
    return goals


def recovery(run: Run, back_s: float) -> float:
    """Seconds from the judge's return until each environment has ended a batch with all rollouts scored.

    The judge returns ``back_s`` seconds after the start. The result is NEVER_S if an environment never scored
    again. Raises BenchmarkError if no call fell into the outage.
    """
    if not run.outcomes.get("outage"):
        raise BenchmarkError("no call fell into the outage")
    ends = [
        [batch.ended_s - run.begun_s - back_s for batch in batches if not batch.unscored]
        for batches in run.batches
    ]
    return max(min((end_s for end_s in of_one if end_s >= 0), default=NEVER_S) for of_one in ends)


def _table(title: str, jobs: Mapping[tuple[str, str], Job], runs: Mapping[tuple[str, str], Run]) -> Table:
    """One row for each kind; each cell holds both sides."""

    def both(name: str, show: Callable[[Job, Run], str]) -> str:
        return " / ".join(show(jobs[name, side], runs[name, side]) for side in SIDES)

    rows = [
        (
            name,
            both(name, lambda job, run: str(sum(batch.rollouts for batch in _counted(job, run)))),
            both(name, lambda job, run: str(_healthy_lost(job, run))),
            both(name, lambda _, run: f"{run.longest_s:.1f}"),
            both(name, lambda _, run: f"{run.total_s:.1f}"),
            both(name, lambda _, run: f"{run.calls:,}"),
        )
        for name in dict.fromkeys(name for name, _ in runs)
    ]
    columns = ("what", "rollouts", "healthy unscored", "longest batch, s", "total, s", "calls")
    return Table(f"{title}: {' / '.join(SIDES)}", columns, rows)


def _how(size: Size) -> Sequence[str]:
    return (
        f"Batches of {size.rollouts} follow each other, {size.outage_rounds} for most rows, with "
        f"{size.outage_time_s:g} s for each; the judge takes {LATENCY_S:g} s. {OURS}: the reward function, "
        f"which keeps its state about the judge from batch to batch. {PLAIN}: a pool of threads that waits "
        "and tries again until the deadline.",
        "503: all calls of the first seconds fail. Poisoned: rollouts whose calls always end in a 500; they "
        "can't be scored, their neighbours can. Reset: the connection ends without an answer. Stale: before "
        "each batch except the first, all pooled connections become stale and are reset at their next use, "
        "as after a freeze. Hang: the call is never answered. Drip: the answer takes two minutes.",
        f"Eight idle hours: the judge is gone during a first batch of {NIGHT_S:g} s, which is not counted; "
        "then the clock of all state that outlives a batch jumps ahead.",
        f"The judge gone: {size.outage_s:g} s of 503 while four environments score batches of 8.",
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
