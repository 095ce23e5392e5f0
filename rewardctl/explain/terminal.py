"""An explanation in a terminal of 80 columns, section by section.

Every text of a rollout or a judge goes through :func:`rewardctl.explain.visible.visible` and into a
``rich.text.Text``, which reads no markup.
"""

from collections.abc import Iterator, Sequence

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from rewardctl.explain.numbers import number, signed
from rewardctl.explain.parts import CheckLine
from rewardctl.explain.terminal_answer import answer, marks, prompt
from rewardctl.explain.terminal_group import group
from rewardctl.explain.terminal_rubric import criteria
from rewardctl.explain.types import CallLine, Explanation, RubricSum, Step
from rewardctl.explain.visible import one_line

INDENT = (0, 0, 0, 2)
_STYLES = {"failed": "red", "partial": "yellow", "could not run": "magenta"}


def show(explanation: Explanation, console: Console, *, full: bool = False) -> None:
    """Print the explanation; ``full`` prints long texts whole."""
    console.print(head(explanation))
    for title, body in _sections(explanation, full=full):
        console.print()
        console.print(Text(title, style="bold underline"))
        console.print(Padding(body, INDENT))


def head(explanation: Explanation) -> RenderableType:
    """The first lines: id, reward, definition, the sentence, notes."""
    line = Text.assemble(
        (one_line(str(explanation.id)), "bold"),
        "   reward ",
        (number(explanation.reward), "bold cyan"),
        " (imputed)" if explanation.imputed else "",
        (f"   {one_line(explanation.definition)} {one_line(explanation.definition_version)}", "dim"),
        (f"   line {explanation.line}" if explanation.line is not None else "", "dim"),
    )
    notes = [Text(one_line(note), style="yellow") for note in explanation.notes]
    return Group(line, Text(one_line(explanation.why)), *notes)


def _sections(explanation: Explanation, *, full: bool) -> Iterator[tuple[str, RenderableType]]:
    if explanation.prompt:
        yield "Prompt", prompt(explanation, full=full)
        yield "Answer", answer(explanation.response, full=full)
    if explanation.response.marks:
        yield "Marks in the answer", marks(explanation.response)
    if explanation.checks:
        yield "Checks", _checks(explanation.checks)
    if explanation.criteria:
        yield "Criteria", criteria(explanation)
    if explanation.rubric:
        yield _rubric_title(explanation.rubric), _sum(explanation.rubric.steps)
    yield "The reward, step by step", _sum(explanation.steps)
    yield "Its group", group(explanation)
    if explanation.calls:
        yield "Judge calls", _calls(explanation.calls)


def _checks(checks: Sequence[CheckLine]) -> Group:
    """The checks that ran, one a row; then in one line those that did not, by their reason."""
    not_run: dict[str, list[str]] = {}
    for check in checks:
        if check.state == "not run":
            not_run.setdefault(check.reason, []).append(check.name)
    lines = [
        Text(one_line(f"not run, since {reason}: {', '.join(names)}"), style="dim")
        for reason, names in not_run.items()
    ]
    ran = [check for check in checks if check.state != "not run"]
    return Group(*([_check_table(ran)] if ran else []), *lines)


def _check_table(checks: Sequence[CheckLine]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("check", overflow="fold")
    table.add_column("role")
    for name in ("score", "weight", "effect"):
        table.add_column(name, justify="right")
    table.add_column("result", overflow="fold", ratio=1)
    for check in checks:
        result = check.state if not check.reason else f"{check.state}: {check.reason}"
        table.add_row(
            Text(one_line(check.name)),
            check.role,
            number(check.score),
            "" if check.weight is None else number(check.weight),
            "" if check.effect is None else signed(check.effect),
            Text(one_line(result), style=_STYLES.get(check.state, "")),
        )
    return table


def _rubric_title(rubric: RubricSum) -> str:
    if rubric.score is None:
        return f"The rubric, step by step; {rubric.coverage:.0%} of it is answered, and it has no score"
    part = "" if rubric.coverage > 0.999 else f", of {rubric.coverage:.0%} of it that is answered"
    return f"The rubric's score, step by step{part}"


def _sum(steps: Sequence[Step]) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(overflow="fold")
    table.add_column(overflow="fold", ratio=1)
    table.add_column(justify="right", no_wrap=True)
    for place, step in enumerate(steps, 1):
        style = "bold" if place == len(steps) else ""
        table.add_row(
            Text(one_line(step.label)), Text(one_line(step.formula)), Text(number(step.value), style)
        )
    return table


def _calls(calls: Sequence[CallLine]) -> Group:
    lines = []
    for call in calls:
        shared = f", shared by {call.shared_by} rollouts" if call.shared_by > 1 else ""
        failed = f", failed: {call.failure}" if call.failure else ""
        tokens = f"{call.input_tokens:,} tokens in, {call.output_tokens:,} out"
        lines.append(Text(one_line(f"{call.model}: {call.latency_s:.2f} s, {tokens}{shared}{failed}")))
    return Group(*lines)
