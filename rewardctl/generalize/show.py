"""The result on a terminal of 80 columns."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from rewardctl.explain.visible import one_line
from rewardctl.generalize.measure import Generalisation, Measured
from rewardctl.generalize.verdict import share_words, summary


def show(result: Generalisation, console: Console) -> None:
    """Print the sentence, each change, each criterion, and the steadiest wordings."""
    console.print(summary(result), markup=False)
    table = Table(box=None, pad_edge=False)
    table.add_column("change")
    for name in ("signs kept", "beyond noise", "rank corr.", "verdicts flipped"):
        table.add_column(name, justify="right")
    for run in result.runs:
        table.add_row(*map(Text, _cells(run)))
    console.print(table)
    _criteria(result, console)
    for run in result.prompts:
        for name in run.contradictions:
            words = f"{run.name} turns most verdicts on {name} round: does it ask the same?"
            console.print(words, style="bold red", markup=False)


def _cells(run: Measured) -> tuple[str, ...]:
    rank = "-" if run.rank.value is None else f"{run.rank.value:.2f}"
    return (one_line(run.name), share_words(run.kept), _beyond(run), rank, f"{run.flips:.1%}")


def _beyond(run: Measured) -> str:
    """Whether more is lost than by noise."""
    if run.drift is None:
        return "is the noise"
    if run.drift.value is None:
        return "-"
    if run.drift.interval is None and run.drift.value > 0:
        return "too few groups"
    return "yes" if run.is_beyond_noise else "no"


def _criteria(result: Generalisation, console: Console) -> None:
    """The flips of each criterion by kind of change, and its steadiest wording."""
    kinds = ("repeat", "wording", "instructions", "order")
    names = dict.fromkeys(c.name for run in result.runs for c in run.criteria)
    if not names:
        return
    table = Table(box=None, pad_edge=False, title="Verdicts flipped, by criterion", title_justify="left")
    table.add_column("criterion", overflow="fold")
    for kind in kinds:
        table.add_column(kind, justify="right")
    table.add_column("steadiest", justify="right")
    for name in names:
        wording = result.steadiest.get(name)
        steadiest = "-" if wording is None else f"wording {wording}" if wording else "as it is"
        shares = (_share(result, name, kind) for kind in kinds)
        table.add_row(*map(Text, (one_line(name), *shares, steadiest)))
    console.print(table)


def _share(result: Generalisation, name: str, kind: str) -> str:
    counted = [c for run in result.runs if run.kind == kind for c in run.criteria if c.name == name]
    answered = sum(criterion.answered for criterion in counted)
    return f"{sum(criterion.flipped for criterion in counted) / answered:.1%}" if answered else "-"
