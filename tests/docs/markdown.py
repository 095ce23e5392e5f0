"""Readers of the documentation's Markdown: pages, sections, tables, fenced blocks and anchors."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.conftest import ROOT

PAGES = tuple(sorted([ROOT / "README.md", ROOT / "events" / "README.md", *ROOT.glob("docs/**/*.md")]))
"""Both READMEs and every page under ``docs/``."""

_BAR = re.compile(r"(?<!\\)\|")
_FENCE = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


def page(name: str) -> str:
    """The text of a page under ``docs/``."""
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def prose(text: str) -> str:
    """A page without its fenced blocks."""
    return _FENCE.sub("", text)


def cells(row: str) -> list[str]:
    """The cells of one line of a table, stripped; an escaped bar does not divide."""
    return [cell.strip() for cell in _BAR.split(row.strip())[1:-1]]


def tables(text: str) -> Iterator[list[list[str]]]:
    """The tables of a page: each a list of rows of cells, without the line under the header."""
    for block in re.findall(r"(?:^ *\|.*\n?)+", prose(text), re.MULTILINE):
        rows = [cells(line) for line in block.splitlines()]
        yield [rows[0], *rows[2:]]


def words(cell: str) -> int:
    """The number of words in a cell; a link counts by its text."""
    return len(_LINK.sub(r"\1", cell).split())


def blocks(text: str, info: str) -> list[str]:
    """The fenced blocks with that info string."""
    pattern = rf"^```{re.escape(info)}\n(.*?)^```$"
    return re.findall(pattern, text, re.MULTILINE | re.DOTALL)


def sections(text: str, level: int = 2) -> Mapping[str, str]:
    """The text under each heading of a level, by heading; deeper headings stay inside."""
    marks = "#" * level
    parts = re.split(rf"^{marks} (.+)$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", prose(text), re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", _LINK.sub(r"\1", heading).lower()).replace(" ", "-") for heading in headings
    }


def keys(table: Sequence[Sequence[str]]) -> list[str]:
    """The names in backticks in the first column of a table, below its header."""
    return [key for row in table[1:] for key in re.findall(r"`([^`]+)`", row[0])]


def defaults(table: Sequence[Sequence[str]]) -> Mapping[str, str]:
    """TOML values of the column "default" by key; a default that is described in words is left out."""
    column = table[0].index("default")
    shown = ((row, re.fullmatch(r"`(.+)`", row[column])) for row in table[1:])
    return {key: found[1] for row, found in shown if found for key in re.findall(r"`([^`]+)`", row[0])}


def target(source: Path, link: str) -> tuple[Path, str]:
    """The file and the anchor to which a relative link leads."""
    place, _, anchor = link.partition("#")
    return (source.parent / place).resolve() if place else source, anchor
