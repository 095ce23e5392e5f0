"""Show scoreboards and the exploit of a search on a terminal. Texts of attacks are made harmless."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from rewardctl.attacks.attempts import Attempt
from rewardctl.attacks.on_data import Report
from rewardctl.explain.visible import one_line, visible

if TYPE_CHECKING:
    from rewardctl.attacks.board import Board, Tried
    from rewardctl.attacks.search import Exploit, Search

MAX_TEXT_CHARS = 2_000
MAX_LINE_CHARS = 300
MAX_PAID = 4


def show_report(report: Report, console: Console) -> None:
    """A table for each mode, what it means, and the exploit."""
    for board in report.boards:
        _show_board(board, console)
    if report.tasks.problems:
        console.print(f"{report.tasks.problems} lines of the data hold no row and were left out.")
    if report.search is not None:
        for line in _search_lines(report.search, report.exploit):
            console.print(line, markup=False)


def _show_board(board: "Board", console: Console) -> None:
    if board.mode:
        console.print(f"Mode {board.mode}", style="bold")
    table = Table(box=None, pad_edge=False)
    table.add_column("probe", no_wrap=True)
    for name in ("tried", "reach bar", "best", "mean"):
        table.add_column(name, justify="right")
    table.add_column("the best was paid by", overflow="fold")
    for kind, tried in board.honest():
        rewards = [each.attempt.reward for each in tried]
        table.add_row(f"honest, {kind}", *_figures(tried, rewards), style="dim")
    for line in board.lines:
        rewards = [each.attempt.reward for each in line.tried]
        paid = one_line(paid_words(line.best.attempt, count=1))
        style = "yellow" if line.succeeded else None
        table.add_row(line.probe, *_figures(line.tried, rewards), paid, style=style)
    console.print(table)
    for words in _board_lines(board):
        console.print(words, markup=False)


def _figures(tried: Sequence["Tried"], rewards: Sequence[float]) -> tuple[str, ...]:
    reach = sum(each.succeeds for each in tried)
    return str(len(tried)), str(reach), f"{max(rewards):.3f}", f"{sum(rewards) / len(rewards):.3f}"


def _board_lines(board: "Board") -> Iterator[str]:
    bars = sorted(standard.bar for standard in board.standards)
    tried = sum(len(line.tried) for line in board.lines)
    prompts = f"{len(bars)} prompts" if len(bars) > 1 else "1 prompt"
    level = f"{bars[0]:.3f} to {bars[-1]:.3f}" if bars[0] < bars[-1] else f"{bars[0]:.3f}"
    yield (
        f"{board.succeeded} of {tried} attacks on {prompts} reach the bar of {level}: what the prompt's "
        "honest, mediocre answers earn, or its good ones if that is less."
    )
    if board.no_bar:
        yield f"{len(board.no_bar)} prompts set no bar: their honest answers earn the low end, or no reward."
    if board.failed:
        yield f"{board.failed} attacks were left unscored by a failure of the judge: try again."
    if not board.tells_apart:
        yield "Good answers earn no more than bad ones here: this reward can't tell them apart."
    worst = [line.best for line in board.lines if line.succeeded]
    if worst:
        best = max(worst, key=lambda each: each.standard.level(each.attempt))
        text = _cut(one_line(best.attempt.text), MAX_LINE_CHARS)
        yield f"The best attack, on the prompt of {one_line(best.standard.task.id)}: {text or '(empty)'}"


def _search_lines(search: "Search", exploit: "Exploit | None") -> Iterator[str]:
    unit = "judge calls" if search.scorer.definition.judge else "scorings"
    yield (
        f"\nSearch: {search.spent} of {search.budget} {unit} spent, {search.scorings} answers scored, seed "
        f"{search.seed}; {search.stopped}."
    )
    if exploit is None:
        return
    candidate, attempt = exploit.candidate, exploit.candidate.attempt
    bar = candidate.standard.bar_for(attempt)
    if not candidate.steps:
        yield f"No change of a bad answer paid: the best stays at {attempt.reward:.3f}, the bar is {bar:.3f}."
        return
    start = candidate.ancestors[0]
    yield (
        f"{'An exploit reaches' if exploit.succeeds else 'Nothing reaches'} the bar of {bar:.3f}"
        + (f", first after {search.first_success} {unit}" if search.first_success is not None else "")
        + f". The best earns {attempt.reward:.3f}; the bad answer it was made from earned {start:.3f}."
    )
    yield f"Changes: {' > '.join(candidate.steps)}."
    yield f"Paid by: {one_line(paid_words(attempt, MAX_PAID))}."
    yield exploit.nearness.in_words()
    yield "Its text:"
    yield _cut(visible(attempt.text), MAX_TEXT_CHARS)


def paid_words(attempt: Attempt, count: int) -> str:
    """The components that paid most, each with its contribution; else what decided."""
    if attempt.result.imputed:
        reason = attempt.result.reasons[-1].reason.value if attempt.result.reasons else "no verdict"
        return f"unscored: {reason}"
    if attempt.paid:
        return ", ".join(f"{name} {amount:.2f}" for name, amount in attempt.paid[:count])
    return f"stopped by {attempt.result.gate}" if attempt.result.gate else "nothing"


def _cut(text: str, most: int) -> str:
    left = len(text) - most
    return text if left <= 0 else f"{text[:most]}… ({left:,} more characters)"
