"""The engine `calls` from its options to its output."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from reward_fn.event.parse import parse_rows
from reward_fn.types.rollout import Rollout
from rewardctl.cloud.errors import CloudError
from rewardctl.data import DataError, Row, rows_of
from rewardctl.engine.functions import Invoke, deployed
from rewardctl.engine.request import EMULATED
from rewardctl.local.errors import LocalError
from rewardctl.local.inputs import resolve_definition
from rewardctl.local.paths import LOGS
from rewardctl.simulate.calls.drive import call, run_step
from rewardctl.simulate.calls.figures import Figures, figures_of
from rewardctl.simulate.calls.hosts import environments
from rewardctl.simulate.calls.pattern import PATTERNS, Pattern, events, preflight
from rewardctl.simulate.errors import SimulateError

MOST_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class Job:
    """A job to simulate. ``target`` is ``emulated``, in so many ``environments`` here, or an ARN."""

    definition: str
    trainer: str = "instances"
    target: str = EMULATED
    steps: int = 3
    batch: int = 512
    environments: int = 2
    train_s: float = 60.0
    profile: str | None = None
    region: str | None = None


def simulate(data: str, job: Job, console: Console, *, as_json: bool) -> dict[str, Any]:
    """Call the function as the trainer of the job would, and show the figures. Raises SimulateError."""
    rows, pattern = _rows(data), PATTERNS[job.trainer]
    try:
        with _invoking(job, console) as invoke:
            checked = call(preflight(rows), invoke)
            steps = []
            for number, of_step in enumerate(events(rows, pattern, job.batch, job.steps), 1):
                console.print(f"step {number} of {job.steps}: {len(of_step)} invocations", markup=False)
                steps.append(run_step(of_step, invoke, pattern.concurrency))
    except (LocalError, CloudError) as error:
        raise SimulateError(str(error)) from error
    figures = figures_of(steps, _groups(rows, job), job.train_s)
    errors = sorted({failed.error for step in steps for failed in step.calls if failed.error})
    outcome = {
        **asdict(figures),
        "preflight": "passed" if checked.results else checked.error,
        "errors": errors,
    }
    if not as_json:
        _show(figures, outcome, job, pattern)
    return outcome


@contextmanager
def _invoking(job: Job, console: Console) -> Iterator[Invoke]:
    if job.target != EMULATED:
        with deployed(job.target, job.profile, job.region) as invoke:
            yield invoke
        return
    LOGS.mkdir(parents=True, exist_ok=True)
    definition = resolve_definition(job.definition)
    with environments(definition, job.environments, LOGS, console.print) as invoke:
        yield invoke


def _rows(data: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    try:
        for entry in rows_of(data):
            if isinstance(entry, Row) and isinstance(entry.value, dict):
                rows.append(entry.value)
            if len(rows) == MOST_ROWS:
                break
    except DataError as error:
        raise SimulateError(str(error)) from error
    if not rows:
        raise SimulateError(f"{data} holds no rollouts; name an event, or JSON Lines of rows")
    return rows


def _groups(rows: Sequence[dict[str, Any]], job: Job) -> list[list[str]]:
    """The group of each rollout of each step; a rejected row has a group of its own."""
    names = [
        entry.group if isinstance(entry, Rollout) else f"row {place}"
        for place, entry in enumerate(parse_rows(rows))
    ]
    places = range(job.steps * job.batch)
    endless = [names[place % len(names)] for place in places]
    return [endless[step * job.batch : (step + 1) * job.batch] for step in range(job.steps)]


def _show(figures: Figures, outcome: dict[str, Any], job: Job, pattern: Pattern) -> None:
    flat = "none of two and more" if figures.flat_groups is None else f"{figures.flat_groups:.1%}"
    lines = {
        "calls": f"{figures.invocations} of {pattern.rows} rows, {pattern.concurrency} at once",
        "pre-flight": outcome["preflight"],
        "mean reward": f"{figures.reward:.3f}",
        "unscored": f"{figures.unscored:.1%}",
        "groups without variance": flat,
        "a step's rewards": f"{figures.step_s:.2f} s, longest {figures.longest_step_s:.2f} s",
        "a call, median": f"{figures.call_p50_s:.2f} s",
        "a call, slowest": f"{figures.call_max_s:.2f} s; 95 % within {figures.call_p95_s:.2f} s",
        "trainer idle": f"{figures.idle_share:.1%}, if the rest of a step takes {job.train_s:g} s",
        "calls made again": str(figures.retries),
        "calls that failed": str(figures.failed),
    }
    table = Table(box=SIMPLE_HEAD, show_header=False)
    for name, value in lines.items():
        table.add_row(name, value)
    terminal = Console(highlight=False)
    terminal.print(table)
    for error in outcome["errors"]:
        terminal.print(error, style="red", markup=False)
