"""Learning curves as Vega-Lite specifications. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from rewardctl.report.spec import COLOURS, Spec, short, view

HEIGHT = 240


class Line(NamedTuple):
    """A curve with its band; one value a step."""

    name: str
    mean: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]


def curves(lines: Sequence[Line], axis: str) -> Spec:
    """Lines with bands over the steps of training."""
    rows = [
        {"line": line.name, "step": step, "mean": short(mean), "low": short(low), "high": short(high)}
        for line in lines
        for step, (mean, low, high) in enumerate(zip(line.mean, line.low, line.high, strict=True))
    ]
    names = [line.name for line in lines]
    colours = [COLOURS[place % len(COLOURS)] for place in range(len(names))]
    return {
        **view(rows),
        "height": HEIGHT,
        "encoding": {
            "x": {"field": "step", "type": "quantitative", "title": "step", "axis": {"grid": False}},
            "color": {
                "field": "line",
                "type": "nominal",
                "title": None,
                "scale": {"domain": names, "range": colours},
                "legend": {"columns": 3, "columnPadding": 24, "symbolOpacity": 1},
            },
        },
        "layer": [
            {
                "mark": {"type": "area", "opacity": 0.2},
                "encoding": {"y": _y("low", axis), "y2": {"field": "high"}},
            },
            {"mark": {"type": "line", "strokeWidth": 1.8}, "encoding": {"y": _y("mean", axis)}},
        ],
    }


def _y(field: str, title: str) -> Spec:
    return {"field": field, "type": "quantitative", "title": title, "scale": {"zero": False}}
