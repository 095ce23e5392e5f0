"""The share of advantage signs kept under each change, as a plot."""

from pathlib import Path
from typing import Any

from rewardctl.generalize.measure import Generalisation

TITLE = "Advantage signs kept"
TEXT = "The share of rollouts that are pushed the same way, by change of the prompt, with 95 % intervals."


def spec_of(result: Generalisation) -> dict[str, Any]:
    """A Vega-Lite specification; without a row for a run in which nothing can be compared."""
    from rewardctl.report.spec import COLOURS, PERCENT, height, short, tooltip, view

    rows = []
    for run in result.runs:
        if run.kept.value is not None:
            row = {"run": run.name, "kind": run.kind, "kept": short(run.kept.value)}
            interval = run.kept.interval
            rows.append(
                row | ({"low": short(interval.low), "high": short(interval.high)} if interval else {})
            )
    y = {"field": "run", "type": "nominal", "title": None, "sort": None}
    x = {"field": "kept", "type": "quantitative", "title": "signs kept", "axis": PERCENT}
    colour = {"field": "kind", "type": "nominal", "title": "change", "scale": {"range": list(COLOURS)}}
    shown = tooltip("run", "kept", "low", "high")
    interval_layer = {
        "mark": {"type": "rule", "strokeWidth": 2},
        "encoding": {"y": y, "x": {**x, "field": "low"}, "x2": {"field": "high"}, "color": colour},
    }
    point_layer = {
        "mark": {"type": "point", "filled": True, "size": 70},
        "encoding": {"y": y, "x": {**x, "scale": {"zero": False}}, "color": colour, "tooltip": shown},
    }
    return {**view(rows), "height": height(rows), "layer": [interval_layer, point_layer]}


def write_plot(result: Generalisation, path: Path) -> None:
    """Write the plot as SVG. Raises OSError."""
    from rewardctl.report.plots import Plot
    from rewardctl.report.svg import write_svgs

    write_svgs([Plot(path.stem, TITLE, TEXT, spec_of(result))], path.parent)
