"""Write RESULTS.md from the results of a run."""

from collections.abc import Iterable, Mapping

from benchmarks.results import Goal, Section, Table

HEAD = """\
# Results

Written whole by `make bench`; do not edit. The judge is `rewardctl emulate`, a stand-in for Bedrock Runtime
on loopback in a process of its own; the calls to it go through boto3 and real HTTP. Unless a section says
otherwise, the sides of a comparison run in turn, in one process, every other round in reverse. A figure is
the median of its rounds, with the lowest and the highest in brackets; a ratio is taken round by round. Only
the ratios carry over to other machines.
"""


def document(size: str, machine: Mapping[str, str], sections: Iterable[Section]) -> str:
    """The content of the file: head, machine, goals, sections, and the command to repeat it."""
    known = list(sections)
    goals = [goal for section in known for goal in section.goals]
    parts = [HEAD, "## Machine\n", _machine(size, machine), "## Goals\n", table(goal_table(goals))]
    parts += [f"Not measured: {section.skipped}.\n" for section in known if section.skipped]
    parts += [section_text(section) for section in known]
    parts.append(
        "## How to repeat it\n\n`make bench` on an otherwise idle machine. `make bench ARGS=--quick` is a "
        "first look and `ARGS='--only wall'` one section; neither changes this file. `ARGS=--json` prints "
        "every timing.\n"
    )
    return "\n".join(parts)


def goal_table(goals: Iterable[Goal]) -> Table:
    """The table of all goals."""
    rows = [(goal.what, goal.goal, goal.shown, goal.verdict) for goal in goals]
    return Table("", ("what", "goal", "measured", "goal met"), rows)


def section_text(section: Section) -> str:
    """One section with its heading."""
    parts = [f"## {section.title}\n", *(f"{sentence}\n" for sentence in section.how)]
    for goal in section.goals:
        parts.append(f"- {goal.what}: **{goal.shown}**, goal {goal.goal}; goal met: **{goal.verdict}**")
    parts.append("")
    for shown in section.tables:
        parts += [f"**{shown.title}**\n", table(shown)]
    parts += [f"{note}\n" for note in section.notes]
    if section.skipped:
        parts.append(f"Not measured: {section.skipped}.\n")
    return "\n".join(parts)


def table(content: Table) -> str:
    """A table in Markdown, with its first column left-aligned and the others right-aligned."""
    rule = ["---"] + ["---:"] * (len(content.columns) - 1)
    lines = [content.columns, rule, *content.rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _machine(size: str, machine: Mapping[str, str]) -> str:
    return "\n".join(f"- {name}: {value}" for name, value in {**machine, "Run": size}.items()) + "\n"
