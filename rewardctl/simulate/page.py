"""The page: headings, tables and plots as images in one HTML file, without scripts."""

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from rewardctl.report.page import policy_of
from rewardctl.report.plots import Plot
from rewardctl.report.svg import svg_of

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
  color: #222; background: #fff }
table { border-collapse: collapse; font-variant-numeric: tabular-nums }
td, th { padding: .2rem .7rem; text-align: left; border-bottom: 1px solid #ddd }
figure { margin: 1rem 0; overflow-x: auto }
svg { max-width: 100%; height: auto }
.wide { overflow-x: auto }
"""


class Part(NamedTuple):
    """A plot, its table, and sentences about both."""

    plot: Plot
    rows: Sequence[Sequence[str]] = ()
    notes: Sequence[str] = ()


def page(title: str, notes: Sequence[str], header: Sequence[str], parts: Sequence[Part]) -> str:
    """The page; all texts are escaped. ``header`` names the columns of all tables."""
    body = [f"<h1>{escape(title)}</h1>", *_paragraphs(notes)]
    for plot, rows, about in parts:
        body += [f"<h2>{escape(plot.title)}</h2>", f"<figure>{svg_of(plot)}</figure>"]
        body += [_table(header, rows)] if rows else []
        body += _paragraphs(about)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy_of([], [STYLE])}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(body)
        + "\n</body>\n</html>\n"
    )


def _paragraphs(texts: Sequence[str]) -> list[str]:
    return [f"<p>{escape(text)}</p>" for text in texts]


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in header)
    lines = ["".join(f"<td>{escape(cell)}</td>" for cell in row) for row in rows]
    body = "\n".join(f"<tr>{line}</tr>" for line in lines)
    return f'<div class="wide"><table>\n<tr>{head}</tr>\n{body}\n</table></div>'
