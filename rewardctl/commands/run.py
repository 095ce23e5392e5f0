"""`rewardctl run`: score an event with the function as it is deployed, and show the rewards."""

import json
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from rewardctl.local.errors import FunctionError, LocalError
from rewardctl.local.inputs import read_event, resolve_definition
from rewardctl.local.paths import LOGS, PROJECT, RESULTS, shown
from rewardctl.local.session import Plan, Run, run_event
from rewardctl.local.table import print_results

DEFAULT_EVENT = PROJECT / "events" / "contract_review_batch.json"


@click.command()
@click.option(
    "--event", type=click.Path(path_type=Path), default=DEFAULT_EVENT,
    help="File with the event, as a trainer sends it.  [default: events/contract_review_batch.json]",
)  # fmt: skip
@click.option(
    "--definition", default="contract-review", show_default=True,
    help="Name of a definition that ships, or the path of a .toml file.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the results alone, as JSON.")
@click.option("--direct", is_flag=True, help="Call the function without the runtime interface emulator.")
def command(event: Path, definition: str, *, as_json: bool, direct: bool) -> None:
    """Score EVENT with the function as it is deployed, and show the rewards.

    Builds the Lambda artifact, runs it under the Lambda runtime interface emulator with a stand-in for
    Bedrock on loopback, invokes it once, and stops everything again. Needs no AWS account.
    Settings of the function that are set where you call this, such as JUDGE_MAX_WORKERS, are passed on.
    """
    aside = Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        wanted = read_event(event)
        plan = Plan(resolve_definition(definition), _log_file(wanted.name), direct=direct)
        run = run_event(wanted, plan, lambda line: aside.print(line, style="dim", markup=False))
    except LocalError as error:
        _explain(error, aside, _log_file(event.stem))
        raise SystemExit(1) from error
    place = _write(wanted.name, run.results)
    if as_json:
        click.echo(json.dumps(run.results, ensure_ascii=False, indent=2))
    else:
        _show(run, Console(highlight=False), place, plan.log)


def _log_file(name: str) -> Path:
    LOGS.mkdir(parents=True, exist_ok=True)
    return LOGS / f"{name}.log"


def _write(name: str, results: list[dict[str, Any]]) -> Path:
    RESULTS.mkdir(parents=True, exist_ok=True)
    place = RESULTS / f"{name}.json"
    place.write_text(json.dumps(results, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return place


def _show(run: Run, console: Console, place: Path, log: Path) -> None:
    print_results(run.results, console)
    console.print()
    tokens = f"{run.judge.input_tokens:,} tokens in, {run.judge.output_tokens:,} out"
    calls = f"{_count(run.judge.calls, 'judge call')} ({tokens})" if run.judge.calls else "no judge call"
    summary = f"{_count(len(run.results), 'rollout')}, {calls}, {run.wall_s:.2f} s with a cold start"
    console.print(summary, soft_wrap=True)
    console.print("No money spent: offline judge. For trying things out, not for training.", soft_wrap=True)
    console.print(f"Results: {shown(place)}   Function's log: {shown(log)}", soft_wrap=True)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _explain(error: LocalError, aside: Console, log: Path) -> None:
    kind = f"{error.kind}: " if isinstance(error, FunctionError) else ""
    aside.print(f"{kind}{error.message}", style="bold red", markup=False)
    if error.remedy:
        aside.print(error.remedy, markup=False)
    if isinstance(error, FunctionError):
        aside.print(f"Function's log: {shown(log)}", markup=False)
