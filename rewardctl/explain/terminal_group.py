"""The group of a rollout and its advantage, for a terminal."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from rewardctl.explain.numbers import number, signed
from rewardctl.explain.types import Contribution, Explanation, GroupComparison, Sibling
from rewardctl.explain.visible import one_line

MAX_SIBLINGS = 12
"""The most rollouts of a group that are listed; trainers use 4 to 64."""
_SMALL = 5e-5
"""An effect that rounds to 0 is not shown."""


def group(explanation: Explanation) -> Group:
    """The siblings, the advantage, and what it comes from."""
    comparison = explanation.comparison
    parts: list[RenderableType] = []
    if len(comparison.siblings) > 1:
        parts += [_siblings(comparison.siblings), Text()]
    parts.append(Text(_advantage(explanation.reward, comparison)))
    shown = [entry for entry in comparison.contributions if abs(entry.effect) > _SMALL]
    if shown:
        parts += [Text(), _contributions(shown, explanation.reward - comparison.mean)]
    if comparison.contributions_note:
        parts.append(Text(comparison.contributions_note, style="dim"))
    return Group(*parts)


def _siblings(siblings: Sequence[Sibling]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("rollout", overflow="fold")
    table.add_column("reward", justify="right")
    table.add_column("first difference", overflow="fold", ratio=1)
    shown = _chosen(siblings)
    for sibling in shown:
        name = one_line(str(sibling.id)) + (f" (line {sibling.line})" if sibling.line is not None else "")
        style = "bold" if sibling.is_this else ""
        difference = "this rollout" if sibling.is_this else sibling.difference or "no difference"
        reward = number(sibling.reward) + (" imputed" if sibling.imputed else "")
        table.add_row(Text(name, style), Text(reward, style), Text(one_line(difference), style))
    if len(shown) < len(siblings):
        table.add_row(Text(f"and {len(siblings) - len(shown)} more", style="dim"), "", "")
    return table


def _chosen(siblings: Sequence[Sibling]) -> list[Sibling]:
    """The first ones, and the explained rollout wherever it stands."""
    first = list(siblings[:MAX_SIBLINGS])
    return first if any(s.is_this for s in first) else [*first, *(s for s in siblings if s.is_this)]


def _advantage(reward: float, comparison: GroupComparison) -> str:
    if comparison.advantage is None or comparison.std is None:
        return comparison.note
    difference = f"(reward {number(reward)} - mean {number(comparison.mean)})"
    std = f"standard deviation {number(comparison.std)}"
    return f"advantage {signed(comparison.advantage)} = {difference} / {std}"


def _contributions(entries: Sequence[Contribution], difference: float) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(f"parts of reward - mean = {signed(difference)}", overflow="fold", ratio=1)
    for name in ("here", "mean", "effect"):
        table.add_column(name, justify="right")
    for entry in entries:
        name = ("  of it " if entry.part_of else "") + one_line(entry.name)
        table.add_row(Text(name), number(entry.value), number(entry.group_mean), signed(entry.effect))
    return table
