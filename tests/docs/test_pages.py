"""What holds for every page: short lines and table cells, and links that lead to a heading."""

import re
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.docs.markdown import PAGES, anchors, prose, tables, target, words

MAX_CELL_WORDS = 25
MAX_LINE_CHARS = 120
every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


@every_page
def test_no_table_cell_is_long(page: Path) -> None:
    rows = [row for table in tables(page.read_text(encoding="utf-8")) for row in table]
    assert [cell for row in rows for cell in row if words(cell) > MAX_CELL_WORDS] == []


@every_page
def test_no_line_of_text_is_long(page: Path) -> None:
    """Rows of tables can't be wrapped; fenced blocks show data and code as they are."""
    lines = prose(page.read_text(encoding="utf-8")).splitlines()
    text = [line for line in lines if not line.lstrip().startswith("|")]
    assert [line for line in text if len(line) > MAX_LINE_CHARS] == []


@every_page
def test_the_rows_of_a_table_have_as_many_cells_as_its_header(page: Path) -> None:
    for table in tables(page.read_text(encoding="utf-8")):
        assert [row for row in table if len(row) != len(table[0])] == []


@every_page
def test_a_link_to_a_heading_leads_to_one(page: Path) -> None:
    links = re.findall(r"\]\((?!https?://)([^)]*#[^)]+)\)", prose(page.read_text(encoding="utf-8")))
    for link in links:
        file, anchor = target(page, link)
        assert anchor in anchors(file.read_text(encoding="utf-8")), link


def test_the_reader_of_tables_counts_a_link_by_its_text_and_keeps_escaped_bars() -> None:
    text = "| a | b |\n|---|---|\n| `x\\|y` z | [two words](far/away.md) |\n"
    assert list(tables(text)) == [[["a", "b"], ["`x\\|y` z", "[two words](far/away.md)"]]]
    assert [words(cell) for cell in ("`x\\|y` z", "[two words](far/away.md)")] == [2, 2]
