"""The state of a file of labels, for people and for programs."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

from rewardctl.labels.agreement import Agreement, mutual_agreement, self_agreement
from rewardctl.labels.label import Judgement
from rewardctl.labels.visible_text import visible

FEW_PAIRS = 30
"""Below this many pairs the 95 % interval of a raw agreement of 0.9 is wider than ±0.11 (Wilson)."""


class State(NamedTuple):
    """The counts of ``judgements`` by labeller and of boundary cases, and the two kinds of agreement."""

    judgements: Counter[str]
    boundary: int
    with_self: Sequence[Agreement]
    mutual: Sequence[Agreement]


def state_of(judgements: Iterable[Judgement]) -> State:
    """The state of the judgements in force."""
    in_force = list(judgements)
    return State(
        Counter(judgement.labeller for judgement in in_force),
        sum(judgement.boundary for judgement in in_force),
        self_agreement(in_force),
        mutual_agreement(in_force),
    )


def as_json(state: State) -> dict[str, Any]:
    """The state for --json; "criterion" is "" for the whole answer."""
    return {
        "judgements": dict(state.judgements),
        "boundary": state.boundary,
        "self_agreement": [
            {**agreement._asdict(), "share": agreement.share} for agreement in state.with_self
        ],
        "mutual_agreement": [{**agreement._asdict(), "share": agreement.share} for agreement in state.mutual],
    }


def show(state: State, console: Console) -> None:
    """Print the counts and the two kinds of agreement."""
    for labeller, count in sorted(state.judgements.items()):
        console.print(f"{visible(labeller) or 'unnamed'}: {count} judgements", markup=False)
    if state.boundary:
        console.print(f"{state.boundary} of them are boundary cases, which count in no agreement")
    _show_table("Agreement with oneself, first and second showing", state.with_self, console)
    _show_table("Agreement of two labellers", state.mutual, console)
    if state.with_self:
        console.print("A judge's kappa against these labels can't be expected to exceed these.")


def _show_table(title: str, agreements: Sequence[Agreement], console: Console) -> None:
    if not agreements:
        return
    table = Table(box=None, pad_edge=False, title=title, title_justify="left")
    for name in ("criterion", "labellers"):
        table.add_column(name, overflow="fold")
    for name in ("pairs", "equal", "kappa"):
        table.add_column(name, justify="right")
    for agreement in agreements:
        people = (
            agreement.first
            if agreement.first == agreement.second
            else f"{agreement.first}, {agreement.second}"
        )
        share = "" if agreement.share is None else f"{agreement.share:.0%}"
        kappa = "undefined" if agreement.kappa is None else f"{agreement.kappa:.2f}"
        style = "dim" if agreement.pairs < FEW_PAIRS else None
        name = agreement.criterion or "the whole answer"
        table.add_row(name, visible(people), str(agreement.pairs), share, kappa, style=style)
    console.print(table)
    if any(agreement.pairs < FEW_PAIRS for agreement in agreements):
        console.print(f"Grey: fewer than {FEW_PAIRS} pairs, too few to rely on.", style="dim")
