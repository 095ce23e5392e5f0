"""The output of a local run: rewards with their cost in calls, tokens and time, or the error."""

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from rich.console import Console

from rewardctl.local.errors import FunctionError, LocalError
from rewardctl.local.groups import About, about_in_log, group_lines, order_by_group, reason_lines
from rewardctl.local.paths import LOGS, RESULTS, shown
from rewardctl.local.session import Run
from rewardctl.local.table import print_results


def log_file(name: str) -> Path:
    """The log file of the run with this name."""
    LOGS.mkdir(parents=True, exist_ok=True)
    return LOGS / f"{name}.log"


def write_results(name: str, results: list[dict[str, Any]]) -> Path:
    """Write the results as JSON and return the file."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    place = RESULTS / f"{name}.json"
    place.write_text(json.dumps(results, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return place


def show_run(run: Run, console: Console, place: Path, log: Path, elsewhere: Sequence[str] = ()) -> None:
    """Print the table of rewards and a summary; `place` is the file with the results.

    `elsewhere` are the definition's judges that are not on Bedrock, which were called for real.
    """
    show_results(run.results, about_in_log(log, len(run.results)), console)
    tokens = f"{run.judge.input_tokens:,} tokens in, {run.judge.output_tokens:,} out"
    none = "no judge call of the stand-in" if elsewhere else "no judge call"
    calls = f"{_count(run.judge.calls, 'judge call')} ({tokens})" if run.judge.calls else none
    summary = f"{_count(len(run.results), 'rollout')}, {calls}, {run.wall_s:.2f} s with a cold start"
    console.print(summary, soft_wrap=True)
    console.print(_about_the_judge(elsewhere), soft_wrap=True, markup=False)
    console.print(f"Results: {shown(place)}   Function's log: {shown(log)}", soft_wrap=True)


def show_results(results: Sequence[Mapping[str, Any]], abouts: Sequence[About], console: Console) -> None:
    """Print the table with the rollouts of a group side by side, then the groups, and what is unscored.

    `abouts` are [] if nothing but the results is known.
    """
    order = order_by_group(abouts) if abouts else list(range(len(results)))
    results = [results[place] for place in order]
    abouts = [abouts[place] for place in order] if abouts else []
    print_results(results, console, _ends(abouts))
    console.print()
    lines = [*group_lines(results, abouts), *reason_lines(results, abouts)] if abouts else []
    for line in lines:
        console.print(
            line, style="yellow" if line.startswith("unscored") else None, markup=False, soft_wrap=True
        )
    if lines:
        console.print()


def _ends(abouts: Sequence[About]) -> set[int]:
    """The places of the last rollouts of groups, without the last row of the table."""
    places = range(len(abouts) - 1)
    return {i for i in places if abouts[i].group != abouts[i + 1].group and _is_in_group(abouts, i)}


def _is_in_group(abouts: Sequence[About], place: int) -> bool:
    """Whether the rollout or the next one has a sibling beside it."""
    near = abouts[max(0, place - 1) : place + 3]
    return any(a.group and a.group == b.group for a, b in pairwise(near))


def _about_the_judge(elsewhere: Sequence[str]) -> str:
    if not elsewhere:
        return "The judge was an offline stand-in that costs nothing. Do not train on these rewards."
    return (
        f"The judge {' and '.join(elsewhere)} is not on Bedrock: it was called for real, and its calls are "
        "not counted here. A judge on Bedrock was an offline stand-in."
    )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def explain(error: LocalError, aside: Console, log: Path) -> None:
    """Print the error and its remedy."""
    kind = f"{error.kind}: " if isinstance(error, FunctionError) else ""
    aside.print(f"{kind}{error.message}", style="bold red", markup=False)
    if error.remedy:
        aside.print(error.remedy, markup=False)
    if isinstance(error, FunctionError):
        aside.print(f"Function's log: {shown(log)}", markup=False)
