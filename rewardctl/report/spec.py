"""The parts of Vega-Lite specifications that plots share. Pure."""

from collections.abc import Iterator, Sequence
from typing import Any

from rewardctl.report.figures import Bins, Figures

Spec = dict[str, Any]
COLOURS = ("#3b7dd8", "#d97a1f", "#2f9e77", "#b357b8", "#a08a1c", "#d1495b")
"""Hues of the runs, with a contrast of at least 3:1 on white and on the page's dark background."""


PERCENT = {"format": "~%"}
"""The axis of a share."""


def histogram(rows: list[Spec], runs: Sequence[Figures], axis: str) -> Spec:
    """Return bars over ``rows`` of :func:`bars`; those of several runs lie over each other."""
    share = {"field": "share", "type": "quantitative", "title": "share", "axis": PERCENT, "stack": None}
    mark = {"type": "bar", "opacity": 1.0 if len(runs) == 1 else 0.6}
    shown = tooltip("run", "low", "high", "count", "share")
    return {
        **view(rows),
        "mark": mark,
        "encoding": {**interval(axis), "y": share, **colour(runs), "tooltip": shown},
    }


def bars(run: str, bins: Bins) -> Iterator[Spec]:
    """Yield a row for each bin: its ends, its count, and its share of all."""
    total = sum(bins.counts) or 1
    for low, high, count in zip(bins.edges, bins.edges[1:], bins.counts, strict=False):
        yield {
            "run": run,
            "low": short(low),
            "high": short(high),
            "count": count,
            "share": short(count / total),
        }


def points(run: str, bins: Bins) -> Iterator[Spec]:
    """Yield a row for each bin with a mean: the mean, and two standard errors around it."""
    intervals = zip(bins.edges, bins.edges[1:], strict=False)
    for (low, high), mean, error, count in zip(intervals, bins.means, bins.errors, bins.counts, strict=True):
        if mean is not None:
            around = 2 * (error or 0.0)
            yield {
                "run": run,
                "low": short(low),
                "high": short(high),
                "middle": short((low + high) / 2),
                "mean": short(mean),
                "least": short(mean - around),
                "most": short(mean + around),
                "count": count,
            }


def short(value: float) -> float:
    """Round to six significant digits."""
    return float(f"{value:.6g}")


def interval(title: str) -> Spec:
    """Return the horizontal place of a bar, with a gap of one pixel beside it."""
    x = {
        "field": "low",
        "type": "quantitative",
        "title": title,
        "bin": {"binned": True},
        "axis": {"grid": False},
    }
    return {"x": x, "x2": {"field": "high"}}


def colour(runs: Sequence[Figures]) -> Spec:
    """Return the colour of each run, with a legend for several."""
    if len(runs) == 1:
        return {"color": {"value": COLOURS[0]}}
    names = [run.name for run in runs]
    scale = {"domain": names, "range": [COLOURS[number % len(COLOURS)] for number in range(len(names))]}
    return {"color": {"field": "run", "type": "nominal", "scale": scale, "title": "run"}}


def height(rows: list[Spec]) -> int:
    """Return the height in pixels of one bar a row."""
    return max(40, 26 * len(rows))


def tooltip(*fields: str) -> list[Spec]:
    """Return the fields that a bar or point shows under the pointer."""
    return [{"field": field} for field in fields]


def view(rows: list[Spec]) -> Spec:
    """Return what all specifications share. ``width`` is the width of the place on the page."""
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "data": {"values": rows},
        "width": "container",
        "height": 200,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "config": CONFIG,
    }


CONFIG: Spec = {
    "background": None,
    "font": "system-ui, sans-serif",
    "view": {"stroke": None},
    "axis": {
        **dict.fromkeys(
            ("labelColor", "titleColor", "domainColor", "tickColor", "gridColor"), "currentColor"
        ),
        "gridOpacity": 0.15,
        "domainOpacity": 0.5,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelLimit": 220,
        "labelOverlap": True,
        "labelSeparation": 6,
    },
    "legend": {
        "labelColor": "currentColor",
        "titleColor": "currentColor",
        "orient": "top",
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelLimit": 260,
    },
}
