"""Learning curves as Vega-Lite specifications, and as SVG. Pure, but for :func:`svg_of`."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from rewardctl.simulate.stored.experiment import Finding
from rewardctl.simulate.stored.scenarios import TITLES

Spec = dict[str, Any]
WIDTH, HEIGHT = 520, 260
COLOURS = ("#3b7dd8", "#d97a1f", "#2f9e77", "#b357b8", "#a08a1c", "#d1495b")


class Line(NamedTuple):
    """A curve with its band; one value a step."""

    name: str
    mean: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]


class Plot(NamedTuple):
    """A plot: ``name`` is its file, ``title`` its heading."""

    name: str
    title: str
    spec: Spec


def plots_of(findings: Sequence[Finding]) -> list[Plot]:
    """One plot a topic: the truth by step. A policy without a judge is told from others by its name."""
    topics = dict.fromkeys(finding.topic for finding in findings)
    return [_of_topic(topic, [f for f in findings if f.topic == topic]) for topic in topics]


def _of_topic(topic: str, findings: Sequence[Finding]) -> Plot:
    lines = [Line(f.name, f.truth, f.low, f.high) for f in findings]
    name = "-".join(topic.replace(",", "").split())
    return Plot(name, TITLES[topic], curves(lines, "expected share of right answers"))


def curves(lines: Sequence[Line], axis: str) -> Spec:
    """Lines with bands over the steps of training."""
    rows = [
        {"line": line.name, "step": step, "mean": _short(mean), "low": _short(low), "high": _short(high)}
        for line in lines
        for step, (mean, low, high) in enumerate(zip(line.mean, line.low, line.high, strict=True))
    ]
    names = [line.name for line in lines]
    colours = [COLOURS[place % len(COLOURS)] for place in range(len(names))]
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "data": {"values": rows},
        "width": WIDTH,
        "height": HEIGHT,
        "background": "white",
        "config": {"font": "system-ui, sans-serif", "view": {"stroke": None}},
        "encoding": {
            "x": {"field": "step", "type": "quantitative", "title": "step", "axis": {"grid": False}},
            "color": {
                "field": "line",
                "type": "nominal",
                "title": None,
                "scale": {"domain": names, "range": colours},
                "legend": {"labelLimit": 260, "symbolOpacity": 1},
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
    scale = {"zero": False}
    return {"field": field, "type": "quantitative", "title": title, "scale": scale}


def _short(value: float) -> float:
    return float(f"{value:.5g}")


def svg_of(plot: Plot) -> str:
    """The plot as an SVG image."""
    import vl_convert

    svg: str = vl_convert.vegalite_to_svg(json.dumps(plot.spec))
    return svg
