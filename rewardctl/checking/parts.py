"""The table of a definition's parts, its hash and its warnings, for people."""

from rich.console import Console
from rich.table import Table

from reward_fn.judge.ask.modes import POINTWISE
from reward_fn.types.check import CheckSpec
from reward_fn.types.definition import Definition
from reward_fn.types.rubric import JudgeSpec


def show_parts(definition: Definition, console: Console) -> None:
    """Print every check and criterion with its weight, the pin, and the warnings."""
    parts = {
        "gate": definition.gates,
        "score": definition.scores,
        "penalty": definition.penalties,
        "metric": definition.metrics,
    }
    table = Table(box=None, pad_edge=False)
    table.add_column("part")
    table.add_column("name")
    table.add_column("weight", justify="right")
    for role, specs in parts.items():
        for spec in specs:
            table.add_row(role, spec.name, _weight(role, spec, definition.high - definition.low))
    if definition.judge:
        table.add_row("rubric", _voters_text(definition.judge), f"{definition.judge.weight:g}")
        for criterion in definition.judge.criteria:
            table.add_row("criterion", criterion.name, f"{criterion.weight:g}")
    low, high = definition.low, definition.high
    console.print(f"{definition.name} {definition.version} is valid; rewards from {low:g} to {high:g}")
    console.print(table)
    _show_pin(definition, console)
    for warning in definition.warnings:
        console.print(f"{warning.place}: {warning.code}: {warning.message}", style="yellow", markup=False)


def _show_pin(definition: Definition, console: Console) -> None:
    if not definition.source:
        console.print(f"sha256 {definition.sha256}", soft_wrap=True)
        return
    console.print("To serve it from there, set both:")
    console.print(f"  REWARD_DEFINITION={definition.source}", soft_wrap=True, markup=False)
    console.print(f"  REWARD_DEFINITION_SHA256={definition.sha256}", soft_wrap=True)


def _voters_text(judge: JudgeSpec) -> str:
    """The mode, the models that vote, their rule, and the model of an escalation."""
    models = " + ".join(judge.panel) or " then ".join(judge.models)
    votes = f", {judge.votes} votes each" if judge.votes > 1 else ""
    rule = f" by {judge.rule}" if judge.votes > 1 or judge.panel else ""
    escalate = f", in doubt {judge.escalate}" if judge.escalate else ""
    mode = f"{judge.mode}: " if judge.mode != POINTWISE.name else ""
    return f"{mode}{models}{votes}{rule}{escalate}"


def _weight(role: str, spec: CheckSpec, span: float) -> str:
    """The weight of a check; for a penalty a share of the range, for a gate the reward after a failure."""
    if role == "penalty":
        absolute = "" if span == 1 else f", {spec.weight * span:g}"
        return f"up to {spec.weight:g} of the range off{absolute}"
    return {"score": f"{spec.weight:g}", "gate": f"failed: {spec.reward:g}"}.get(role, "")
