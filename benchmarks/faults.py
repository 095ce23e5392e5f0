"""Rewards when a third of all judge calls is throttled and one in twenty fails."""

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

from benchmarks.fault_runs import Run, run_batches
from benchmarks.material import judged_batch
from benchmarks.results import BenchmarkError, Goal, Section, Table
from benchmarks.size import Size
from benchmarks.timing import Tick
from reward_fn.settings import Settings
from rewardctl.emulate import EmulatorSettings, Fault

THROTTLED = 1 / 3
BROKEN = 0.05
KINDS = (Fault.SERVER_ERROR, Fault.RESET, Fault.TRUNCATED, Fault.MALFORMED, Fault.MISSING, Fault.NAN)
SEED = 20_260_401
LATENCY_S = 0.1
ATTEMPTS = Settings().judge_max_attempts

CLEAN = "no faults"
OURS = f"faults, up to {ATTEMPTS} attempts (default)"
ONCE = "faults, 1 attempt"


def measure(size: Size, tick: Tick) -> Section:
    """Score the same rollouts without faults, with faults, and with faults but without retries."""
    batches = [judged_batch(size.rollouts, size.rollouts * number) for number in range(size.fault_batches)]
    rows = [row for batch in batches for row in batch]
    settings = {CLEAN: (_without(), ATTEMPTS), OURS: (_faults(), ATTEMPTS), ONCE: (_faults(), 1)}
    runs: dict[str, Run] = {}
    for name, (faults, attempts) in settings.items():
        runs[name] = run_batches(batches, faults, attempts, lambda what, name=name: tick(f"{name}, {what}"))  # type: ignore[misc]
    clean = runs[CLEAN]
    if clean.flagged:
        raise BenchmarkError(f"{len(clean.flagged)} rollouts were flagged without a fault")
    lost = sum(run.misplaced(rows) for run in runs.values())
    calls = clean.calls / len(rows)
    unseen = sum(run.changed_unseen(clean) for run in runs.values())
    return Section(
        title="Faults: a third of all judge calls throttled, 5 % broken in other ways",
        how=_how(len(batches), size.rollouts),
        goals=(
            Goal(
                "Faults: rollouts lost, out of order or out of range", "0", lost, 0, f"{lost} of {len(rows)}"
            ),
            Goal("Faults: rewards changed without a flag", "0", unseen, 0, f"{unseen} of {len(rows)}"),
            Goal("Judge calls a rollout, without faults", "≤ 1", calls, 1, f"{calls:.3f}"),
        ),
        tables=(_errors(clean, runs), _costs(runs), _reasons(runs), _outcomes(runs[OURS])),
        notes=(_rewards_note(clean), *_unmet_note(runs[OURS])),
        data={name: _data(clean, run) for name, run in runs.items()},
    )


def _without() -> EmulatorSettings:
    return EmulatorSettings(latency_s=LATENCY_S)


def _faults() -> EmulatorSettings:
    broken = {kind.value: BROKEN / len(KINDS) for kind in KINDS}
    return EmulatorSettings.from_dict(
        {"latency_s": LATENCY_S, "seed": SEED, Fault.THROTTLE.value: THROTTLED, **broken}
    )


def _errors(clean: Run, runs: Mapping[str, Run]) -> Table:
    rows = []
    for name, run in runs.items():
        count = len(run.results)
        of_flagged = run.error_at(clean, run.flagged)
        rows.append(
            (
                name,
                f"{len(run.flagged)} of {count}",
                f"{run.equal_to(clean) / count:.1%}",
                f"{run.error_at(clean, range(count)):.4f}",
                "–" if math.isnan(of_flagged) else f"{of_flagged:.3f}",
            )
        )
    columns = ("run", "flagged", "rewards exactly equal", "mean absolute error, all", "that of the flagged")
    return Table("Rewards against the run without faults", columns, rows)


def _costs(runs: Mapping[str, Run]) -> Table:
    rows = []
    for name, run in runs.items():
        calls = run.calls / len(run.results)
        rows.append((name, f"{run.calls:,}", f"{run.retries:,}", f"{calls:.2f}", f"{max(run.wall_s):.1f}"))
    return Table("Cost", ("run", "judge calls", "retries", "calls a rollout", "longest batch, s"), rows)


def _reasons(runs: Mapping[str, Run]) -> Table:
    counts = {
        name: Counter(why.reason.value for place in run.flagged for why in run.results[place].reasons)
        for name, run in runs.items()
        if name != CLEAN
    }
    reasons = sorted({reason for counted in counts.values() for reason in counted})
    rows = [(reason, *(str(counted[reason]) for counted in counts.values())) for reason in reasons]
    return Table("Flagged rollouts by reason", ("reason", *counts), rows)


def _outcomes(run: Run) -> Table:
    total = sum(run.outcomes.values())
    rows = [(name, str(count), f"{count / total:.1%}") for name, count in sorted(run.outcomes.items())]
    return Table(f"Outcomes of the calls: {OURS}", ("outcome at the stand-in", "calls", "share"), rows)


def _how(batches: int, rollouts: int) -> tuple[str, ...]:
    kinds = ", ".join(kind.value for kind in KINDS)
    return (
        f"{batches * rollouts} contract reviews in batches of {rollouts}, good and bad ones; all reach the "
        f"judge, which takes {LATENCY_S:g} s. A call is throttled with a probability of one third and broken "
        f"in another way with a probability of {BROKEN:.0%}, in equal parts: {kinds}. The outcome depends on "
        "a seed, the call's content and the number of the attempt, not on the order of calls.",
        "Three runs over the same rollouts: without faults; with them and the default retries; with them and "
        "a single attempt, as in a Lambda that turns every failed call into 0.5.",
    )


def _rewards_note(clean: Run) -> str:
    rewards = sorted(result.reward for result in clean.results)
    mean = math.fsum(rewards) / len(rewards)
    return (
        f"Without faults the rewards lie between {rewards[0]:.3f} and {rewards[-1]:.3f}, mean {mean:.3f}. "
        "A flagged rollout gets the middle of the range, 0.5; its metrics `judge_error` and `imputed` say so."
    )


def _unmet_note(run: Run) -> tuple[str, ...]:
    unmet = [kind.value for kind in KINDS if not run.outcomes.get(kind.value)]
    return (f"Too few calls for every fault to occur; missing: {', '.join(unmet)}.",) if unmet else ()


def _data(clean: Run, run: Run) -> dict[str, Any]:
    of_flagged = run.error_at(clean, run.flagged)
    return {
        "flagged": len(run.flagged),
        "exactly_equal": run.equal_to(clean),
        "mean_absolute_error": run.error_at(clean, range(len(run.results))),
        "mean_absolute_error_of_flagged": None if math.isnan(of_flagged) else of_flagged,
        "calls": run.calls,
        "retries": run.retries,
        "wall_s": run.wall_s,
        "outcomes": run.outcomes,
    }
