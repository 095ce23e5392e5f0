"""Make the runs of a test of generalisation: cost shown and agreed to once, then one run after another."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from reward_fn.errors import RewardFunctionError
from rewardctl.data.lines import holds_records
from rewardctl.engine.place import default_folder, identity_of, spooled
from rewardctl.engine.request import RunRequest, Stopped
from rewardctl.engine.run import score_run
from rewardctl.generalize.cost import agree_on_runs
from rewardctl.generalize.steps import Step
from rewardctl.judges.choice import JudgeChoiceError
from rewardctl.replay.source import open_run, stored_verdicts
from rewardctl.replay.stored import StoredVerdicts
from rewardctl.runs import RunError
from rewardctl.runs.records import RecordsError

LEAST_USD = 1e-9
"""What is left of a cap that is used up: 0 would be no cap."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to score and within which limits. ``max_usd`` 0 and ``max_calls`` None are no limits."""

    data: str
    definition: str
    folder: Path | None = None
    yes: bool = False
    max_usd: float = 0.0
    max_calls: int | None = None
    profile: str | None = None
    region: str | None = None
    workers: int | None = None
    limit: int = 0


def make_runs(order: Order, steps: Sequence[Step], console: Console) -> Mapping[str, Path]:
    """The run folder of each step by its name; runs that an earlier call made are kept, and continued.

    All runs score the same rollouts. Raises Stopped, and what reading data, definition and judge raises.
    """
    data = spooled(order.data)
    requests = [_request(order, step, data) for step in steps]
    requests[0] = replace(requests[0], stored=_stored(data, requests[0]))
    base = order.folder or _folder(requests[0])
    requests = [
        replace(request, folder=base / _file_name(step.name))
        for request, step in zip(requests, steps, strict=True)
    ]
    agree_on_runs(requests, max_calls=order.max_calls, max_usd=order.max_usd, yes=order.yes, console=console)
    spent = 0.0
    for number, (step, request) in enumerate(zip(steps, requests, strict=True), 1):
        console.print(f"{step.name} ({number} of {len(steps)})", style="dim", markup=False)
        left = max(order.max_usd - spent, LEAST_USD) if order.max_usd else 0.0
        spent += _spent(replace(request, max_usd=left), console)
    return {step.name: base / _file_name(step.name) for step in steps}


def _request(order: Order, step: Step, data: str) -> RunRequest:
    return RunRequest(
        data=data,
        definition=order.definition,
        judge=step.judge,
        profile=order.profile,
        region=order.region,
        workers=order.workers,
        limit=order.limit,
        yes=True,
        variation=step.change,
    )


def _stored(data: str, request: RunRequest) -> StoredVerdicts | None:
    """The verdicts in the data, if the baseline would ask the same; None if it has to be judged."""
    path = Path(data)
    if not (holds_records(path) or path.suffixes[-1:] in ([".gz"], [".jsonl"])):
        return None
    try:
        stored = stored_verdicts(open_run(path))
    except (RecordsError, RunError, RewardFunctionError, JudgeChoiceError):
        return None
    return None if stored.reader(request.choice.definition(request.definition)).changed else stored


def _folder(baseline: RunRequest) -> Path:
    definition = baseline.choice.definition(baseline.definition)
    folder = default_folder(identity_of(baseline, definition, baseline.data))
    return folder.with_name(f"generalize-{folder.name}")


def _file_name(name: str) -> str:
    return re.sub(r"[^\w.-]+", "-", name)


def _spent(request: RunRequest, console: Console) -> float:
    """Make one run, and return what it has cost in US dollars. Raises Stopped."""
    run = score_run(request, Console(quiet=True, file=console.file))
    if not run.progress.scored:
        raise Stopped(
            f"no rollout has a reward of its own in {run.folder}; see its run.json for the reasons", 1
        )
    return run.spent.usd
