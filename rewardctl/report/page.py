"""The page: one HTML file that holds its data, its scripts and its styles, and asks for nothing else.

Texts of rollouts are hostile. They reach the page in two ways: through the template, which escapes them, and
as JSON in an element that no browser runs, from which the page's script makes text nodes. A content security
policy allows exactly the page's two scripts and its style sheet, by their hashes, and no connection at all.
"""

import base64
import hashlib
import json
import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rewardctl.report.columns import Columns, Flag
from rewardctl.report.compare import Comparison
from rewardctl.report.figures import Figures
from rewardctl.report.health import Health
from rewardctl.report.key_figures import key_figures
from rewardctl.report.plots import Plot
from rewardctl.report.texts import Texts, cut
from rewardctl.report.vega import inline
from rewardctl.report.words import count_text, id_line, number_text, percent_text, signed_text

if TYPE_CHECKING:
    from markupsafe import Markup

FOLDER = Path(__file__).parent
ID_CHARS = 200
"""Longer ids are cut: each of 100,000 is in the page."""


@dataclass(frozen=True)
class RunView:
    """A run on the page: its figures, its verdict, the numbers of rollouts and the texts of some.

    ``rows`` are the rows of ``columns`` that the page lists, in order; None for all. ``lists`` and ``texts``
    hold rows of these.
    """

    figures: Figures
    health: Health
    columns: Columns
    lists: dict[str, list[int]]
    texts: Texts
    rows: Sequence[int] | None = None

    def place_of(self, row: int) -> int:
        """Return the place of a row in the page's list; ``row`` must be one of ``rows``."""
        return row if self.rows is None else bisect_left(self.rows, row)


def render(
    title: str,
    made_at: str,
    runs: Sequence[RunView],
    plots: Sequence[Plot],
    comparisons: Sequence[Comparison],
    vega: str,
) -> str:
    """Return the page. ``vega`` is the script of :func:`rewardctl.report.vega.vega_bundle`."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters.update(
        count=count_text, number=number_text, percent=percent_text, signed=signed_text, id=id_line
    )
    style = (FOLDER / "page.css").read_text(encoding="utf-8")
    script = inline((FOLDER / "page.js").read_text(encoding="utf-8"))
    return environment.get_template("page.html.j2").render(
        title=title,
        made_at=made_at,
        runs=runs,
        plots=plots,
        comparisons=comparisons,
        key_figures=key_figures([run.figures for run in runs]),
        policy=policy_of([vega, script], [style]),
        style=Markup(style),  # noqa: S704 - our own file, and the policy holds its hash
        vega=Markup(vega),  # noqa: S704 - the bundle, and the policy holds its hash
        script=Markup(script),  # noqa: S704 - our own file, and the policy holds its hash
        data=embedded(page_data(runs, plots)),
    )


def policy_of(scripts: Sequence[str], styles: Sequence[str]) -> str:
    """Return the content security policy: nothing but these scripts and styles, by their hashes."""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src " + " ".join(map(_hash, scripts)),
            "style-src " + " ".join(map(_hash, styles)),
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def embedded(value: Any) -> "Markup":
    """Return a value as JSON for an element ``script`` of the type ``application/json``.

    ``<``, ``>`` and ``&`` become escapes of JSON, so nothing in it can end the element or open another. Lone
    surrogates, which no UTF-8 file can hold, stay escapes as well, as does all that is not ASCII.
    """
    from markupsafe import Markup

    text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704 - the three characters that mean something to HTML are escaped above


def page_data(runs: Sequence[RunView], plots: Sequence[Plot]) -> dict[str, Any]:
    """Return what the page's script reads."""
    return {
        "plots": [{**plot.spec, "description": f"{plot.title}. {plot.text}"} for plot in plots],
        "runs": [_run_data(run) for run in runs],
        "flags": [str(flag.name).lower() for flag in Flag],
    }


def _run_data(run: RunView) -> dict[str, Any]:
    columns = run.columns
    rows = range(len(columns)) if run.rows is None else run.rows
    at = {row: place for place, row in enumerate(rows)}

    def of(values: Sequence[Any]) -> list[Any]:
        return [values[row] for row in rows]

    return {
        "total": len(columns),
        "ids": [cut(id_, ID_CHARS) for id_ in of(columns.ids)],
        "reward": numbers(of(columns.reward), 4),
        "line": numbers(of(columns.line), 0),
        "length": numbers(of(columns.length), 0),
        "judge_s": numbers(of(columns.judge_s), 2) if any(columns.judge_s) else None,
        "group": of(columns.group),
        "gate": of(columns.gate),
        "gates": list(columns.gates),
        "flags": of(columns.flags),
        "scores": {name: numbers(of(values), 3) for name, values in columns.scores.items()},
        "lists": {name: [at[row] for row in listed] for name, listed in run.lists.items()},
        "prompts": run.texts.prompts,
        "rollouts": {at[row]: text for row, text in run.texts.rollouts.items()},
        "explained": {at[row]: text for row, text in run.texts.explained.items()},
    }


def numbers(values: Sequence[float], decimals: int) -> list[float | int | None]:
    """Return the values rounded, whole ones as integers, which are shorter; None for NaN."""
    return [None if math.isnan(value) else _whole(round(value, decimals)) for value in values]


def _whole(value: float) -> float | int:
    return int(value) if value == int(value) else value
