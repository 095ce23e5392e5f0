"""A comparison on a terminal of 80 columns."""

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from rewardctl.diff.answer import Answer
from rewardctl.diff.causes import main_cause
from rewardctl.diff.comparison import Comparison, Mover
from rewardctl.diff.pairs import id_text
from rewardctl.explain.numbers import number, signed
from rewardctl.explain.visible import one_line

MAX_ID_CHARS = 24
MAX_FLIPS = 4


def show(comparison: Comparison, answer: Answer, console: Console) -> None:
    """Print the answer first, then the figures, then the rollouts to look at."""
    style = "green" if answer.yes else "bold red"
    console.print(f"Deploy in the middle of a job? {answer.words}.", style=style, markup=False)
    _table(console, list(_figures(comparison)))
    if comparison.components:
        _heading(console, "What moved rollouts within their groups")
        _table(console, [(name, f"{share:.0%}") for name, share in comparison.components.items()])
    if any(criterion.flipped for criterion in comparison.criteria):
        _heading(console, "Verdicts that differ")
        rows = [
            (criterion.name, f"{criterion.flipped} of {criterion.answered} ({criterion.share:.0%})")
            for criterion in comparison.criteria
        ]
        _table(console, rows)
    if comparison.largest:
        _heading(console, f"Rollouts to look at ({len(comparison.largest)})")
        for mover in comparison.largest:
            _show_mover(mover, console)


def _figures(comparison: Comparison) -> Iterator[tuple[str, str]]:
    for place, side in (("first", comparison.first), ("second", comparison.second)):
        yield place, f"{side.name}: {side.definition}, {f'judge {side.judge}' if side.judge else 'no judge'}"
    left_out = {
        "without a reward in both": comparison.unscored,
        "with another text": comparison.other_text,
        "only in the first": comparison.only_first,
        "only in the second": comparison.only_second,
    }
    rest = ", ".join(f"{count:,} {name}" for name, count in left_out.items() if count)
    yield "rollouts", f"{comparison.rollouts:,} compared{f'; left out: {rest}' if rest else ''}"
    alone = f"; {comparison.alone:,} of one, without an advantage" if comparison.alone else ""
    yield "groups", f"{comparison.groups:,} of two and more{alone}"
    before, after = comparison.tied
    yield "equal rewards", f"{before:,} groups before, {after:,} after"
    yield "rewards", f"{comparison.changed:,} changed, by {signed(comparison.mean_change)} on average"
    order = comparison.order
    turned = f"{order.reversed:,} of {order.compared:,} pairs of siblings reversed"
    yield "ranks", f"{comparison.rank_changes:,} changed; {turned}"
    counts = f"{comparison.sign_flips:,} flipped, {comparison.gained:,} new, {comparison.lost:,} gone"
    yield "signs", f"{_kept(comparison)}; {counts}"


def _kept(comparison: Comparison) -> str:
    kept = comparison.kept
    if kept.value is None:
        return f"nothing to compare, {kept.undefined}"
    if kept.interval is None:
        return f"{kept.value:.1%} kept ({kept.undefined})"
    return f"{kept.value:.1%} kept [{kept.interval.low:.1%}, {kept.interval.high:.1%}]"


def _show_mover(mover: Mover, console: Console) -> None:
    move = mover.move
    name = one_line(id_text(move.pair.first.record.get("id")))[:MAX_ID_CHARS]
    rewards = f"reward {number(move.pair.first.reward)} → {number(move.pair.second.reward)}"
    ranks = f"rank {move.ranks[0]} → {move.ranks[1]}"
    advantages = f"advantage {signed(round(move.advantages[0], 2))} → {signed(round(move.advantages[1], 2))}"
    flip = "  (sign flips)" if move.is_flip else ""
    console.print(f"{name}  {rewards}, {ranks}, {advantages}{flip}", markup=False)
    if cause := main_cause(mover.effects):
        console.print(f"    mostly {cause} ({signed(mover.effects[cause])})", style="dim", markup=False)
    for flip_ in mover.flips[:MAX_FLIPS]:
        console.print(f"    {one_line(flip_.words)}", style="dim", markup=False)
    if (more := len(mover.flips) - MAX_FLIPS) > 0:
        console.print(f"    and {more} more verdicts", style="dim")


def _heading(console: Console, text: str) -> None:
    console.print(f"\n{text}", style="bold", markup=False)


def _table(console: Console, rows: list[tuple[str, str]]) -> None:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(Text(one_line(name)), Text(value))
    console.print(table)
