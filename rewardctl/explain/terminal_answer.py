"""The prompt, the answer with its marks, and the list of marks, for a terminal."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from rewardctl.explain.numbers import ranges
from rewardctl.explain.parts import MarkedText, MarkKind
from rewardctl.explain.types import Explanation
from rewardctl.explain.visible import one_line, visible

OPEN, CLOSE = "\u27e6", "\u27e7"
"""Brackets around a mark, for terminals without colours."""
STYLES = {
    "broken": "bold white on red",
    "unsupported": "bold red",
    "finding": "bold yellow",
    "answer": "bold cyan",
    "evidence": "green",
}
LONG_CHARS = 800
"""A longer piece of text without marks is shortened: about ten lines."""
PROMPT_CHARS = 200


def prompt(explanation: Explanation, *, full: bool) -> RenderableType:
    """The turns of the prompt and the reference, shortened unless ``full``."""
    lines = []
    for turn in explanation.prompt:
        text = visible(turn.text) if full else shortened(one_line(turn.text), PROMPT_CHARS)
        lines.append(Text.assemble((f"{one_line(turn.role)}: ", "dim"), text))
    if explanation.reference:
        text = explanation.reference
        shown = visible(text) if full else shortened(one_line(text), PROMPT_CHARS)
        lines.append(Text.assemble(("reference: ", "dim"), shown))
    return Group(*lines)


def answer(response: MarkedText, *, full: bool) -> Text:
    """The answer with its marks in brackets and colours; long pieces without marks are shortened."""
    shown = Text()
    for segment in response.segments:
        text = _without_brackets(visible(segment.text))
        if segment.mark is None:
            shown.append(text if full else shortened(text, LONG_CHARS))
        else:
            style = STYLES[segment.mark.kind]
            shown.append(f"{OPEN}{segment.mark.number} ", "dim")
            shown.append(text, style)
            shown.append(CLOSE, "dim")
    return shown if response.text.strip() else Text("(empty)", style="dim")


def marks(response: MarkedText) -> Table:
    """The kind and the reason of each mark; marks with the same ones share a row."""
    numbers: dict[tuple[MarkKind, str], dict[int, None]] = {}
    for mark in response.marks:
        numbers.setdefault((mark.kind, mark.why), {})[mark.number] = None
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="dim", max_width=12)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold", ratio=1)
    for (kind, why), alike in numbers.items():
        table.add_row(ranges(alike), Text(kind, STYLES[kind]), Text(one_line(why)))
    return table


def shortened(text: str, limit: int) -> str:
    """The text, or its first and last part with the number of characters between them."""
    if len(text) <= limit:
        return text
    first, last = limit * 2 // 3, limit // 3
    return f"{text[:first]} … ({len(text) - first - last:,} characters) … {text[-last:]}"


def _without_brackets(text: str) -> str:
    """A rollout's text can't imitate the brackets of a mark."""
    return text.replace(OPEN, "<U+27E6>").replace(CLOSE, "<U+27E7>")
