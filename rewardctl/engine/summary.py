"""What a run comes to: counts, mean reward, what could not be scored and why, and what it cost."""

from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from rewardctl.engine.progress import duration
from rewardctl.engine.request import FinishedRun
from rewardctl.runs.state import MAX_PROBLEMS

SHOWN_PROBLEMS = 5
MAX_DETAIL_CHARS = 120


def summary_of(run: FinishedRun, max_unscored: float) -> dict[str, Any]:
    """The summary as JSON."""
    progress, spent = run.progress, run.spent
    unscored = progress.rows - progress.scored
    return {
        "run": str(run.folder),
        "definition": run.definition.name,
        "definition_version": run.definition.version,
        "judge": run.judge,
        "rows": progress.rows,
        "scored": progress.scored,
        "unscored": dict(progress.unscored),
        "unscored_share": unscored / progress.rows if progress.rows else 1.0,
        "max_unscored": max_unscored,
        "mean_reward": progress.reward_sum / progress.scored if progress.scored else None,
        "problems": list(progress.problems),
        "repeated_ids": [list(pair) for pair in progress.repeated],
        "calls": spent.calls,
        "failed_calls": spent.failed,
        "input_tokens": spent.input_tokens,
        "output_tokens": spent.output_tokens,
        "cost_usd": spent.usd,
        "wall_s": round(progress.wall_s, 3),
        "was_complete": run.was_complete,
    }


def show(summary: dict[str, Any], console: Console) -> None:
    """Print the summary for people."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for name, value in _lines(summary):
        table.add_row(name, Text(value))
    console.print(table)
    for problem in summary["problems"][:SHOWN_PROBLEMS]:
        detail = printable(str(problem["detail"]))[:MAX_DETAIL_CHARS]
        console.print(f"line {problem['line']}: {problem['reason']}: {detail}", style="yellow", markup=False)
    hidden = sum(summary["unscored"].values()) - min(len(summary["problems"]), SHOWN_PROBLEMS)
    if hidden > 0:
        more = f"and {hidden:,} more; {summary['run']}/run.json lists the first {MAX_PROBLEMS}"
        console.print(more, style="yellow", markup=False)
    for line, first in summary["repeated_ids"][:SHOWN_PROBLEMS]:
        console.print(f"line {line}: has the id of line {first}; results keep both", style="yellow")
    if summary["was_complete"] and summary["judge"] and summary["unscored"]:
        console.print(
            f"The run is complete, so nothing was asked again. To ask for what the judge left open, remove "
            f"run.json and results.jsonl in {summary['run']}, and give the same command: no verdict is paid "
            "for twice.",
            markup=False,
        )
    if summary["unscored_share"] > summary["max_unscored"]:
        console.print(
            f"{summary['unscored_share']:.0%} of the rows have no reward of their own, more than "
            f"--max-unscored {summary['max_unscored']:.0%}: these are no results to judge a reward by.",
            style="bold red",
        )


def printable(text: str) -> str:
    """The text without characters that could steer a terminal: it may come from the data."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def _lines(summary: dict[str, Any]) -> list[tuple[str, str]]:
    mean = summary["mean_reward"]
    counts = ", ".join(f"{name} {count:,}" for name, count in sorted(summary["unscored"].items()))
    calls = (
        f"{summary['calls']:,} calls, {summary['input_tokens']:,} tokens in, {summary['output_tokens']:,} out"
    )
    lines = [
        ("rows", f"{summary['rows']:,}, of which {summary['scored']:,} have a reward of their own"),
        ("unscored", counts or "none"),
        ("mean reward", "unknown" if mean is None else f"{mean:.4f}"),
    ]
    if summary["judge"]:
        lines.append(("judge", f"{summary['judge']}: {calls}"))
        lines.append(("cost", f"${summary['cost_usd']:.4f}"))
    lines.append(("time", duration(summary["wall_s"])))
    done = "complete before; " if summary["was_complete"] else ""
    lines.append(("results", f"{done}{summary['run']}/results.jsonl"))
    return lines
