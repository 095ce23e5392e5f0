"""Findings as tables and plots, for the terminal and the page."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from rewardctl.report.plots import Plot
from rewardctl.simulate.plots import Line, curves
from rewardctl.simulate.stored.experiment import Finding, Interval
from rewardctl.simulate.stored.scenarios import TITLES

HEADER = ("reward", "right", "95 % interval", "earned", "failed", "note")
"""``right`` is the truth of the policy after the last step, ``earned`` the mean reward of its last draws."""


def rows_of(findings: Sequence[Finding]) -> list[tuple[str, ...]]:
    """A row a finding, under the columns of ``HEADER``. A caution is a mark there, and a sentence below."""
    marks = _marks(findings)
    return [
        (
            finding.name,
            f"{finding.end.mean:.3f}",
            interval_text(finding.end),
            f"{finding.reward_end:.3f}",
            f"{finding.failed.mean:.3f}" if finding.failed.mean else "",
            f"{finding.note} {marks.get(finding.caution, '')}".strip(),
        )
        for finding in findings
    ]


def caution_lines(findings: Sequence[Finding]) -> list[str]:
    """The cautions that the marks in the tables stand for."""
    return [f"{mark} {caution}" for caution, mark in _marks(findings).items()]


def _marks(findings: Sequence[Finding]) -> dict[str, str]:
    cautions = dict.fromkeys(finding.caution for finding in findings if finding.caution)
    return {caution: f"[{number}]" for number, caution in enumerate(cautions, 1)}


def interval_text(interval: Interval) -> str:
    """The interval's ends, or that all seeds agree."""
    if interval.low is None or interval.high is None:
        return "seeds agree"
    return f"{interval.low:.4f}–{interval.high:.4f}"


def by_topic(findings: Sequence[Finding]) -> dict[str, list[Finding]]:
    """The findings of each topic."""
    topics: dict[str, list[Finding]] = {}
    for finding in findings:
        topics.setdefault(finding.topic, []).append(finding)
    return topics


def figures(findings: Sequence[Finding]) -> str:
    """The prompts of a topic, and between which truths a policy can move."""
    first = findings[0]
    return f"{first.prompts:,} prompts, start {first.start:.3f}, ceiling {first.ceiling:.3f}"


def show(findings: Sequence[Finding], notes: Sequence[str], console: Console) -> None:
    """Print a table a topic, the cautions, and notes on all."""
    for topic, part in by_topic(findings).items():
        console.print(f"{TITLES[topic]}: {figures(part)}", style="bold", markup=False)
        table = Table(box=SIMPLE_HEAD)
        for column in HEADER:
            is_text = column in ("reward", "note")
            table.add_column(column, justify="left" if is_text else "right", no_wrap=column != "note")
        for row in rows_of(part):
            table.add_row(*map(escape, row))
        console.print(table)
        for line in caution_lines(part):
            console.print(line, markup=False)
        console.print()
    for note in notes:
        console.print(note, markup=False)


def plots_of(findings: Sequence[Finding]) -> list[Plot]:
    """One plot a topic: the truth by step."""
    return [
        Plot(
            "-".join(topic.replace(",", "").split()),
            TITLES[topic],
            "Means over the seeds, with 95 % intervals.",
            curves([Line(f.name, f.truth, f.low, f.high) for f in part], "expected share of right answers"),
        )
        for topic, part in by_topic(findings).items()
    ]
