"""The plots of the page and of the docs, as Vega-Lite specifications with their few data inside. Pure.

Each shows one run or several, by colour. Nothing here grows with the number of rollouts. Colours are of
middle lightness and texts are ``currentColor``, so that one specification serves light and dark pages.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rewardctl.report.figures import Bins, Figures

Spec = dict[str, Any]
COLOURS = ("#3b7dd8", "#d97a1f", "#2f9e77", "#b357b8", "#a08a1c", "#d1495b")
"""Six hues with a contrast of at least 3:1 on white and on the page's dark background."""


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot: ``name`` is its anchor, ``title`` its heading, ``text`` says what to look for."""

    name: str
    title: str
    text: str
    spec: Spec


def plots_of(runs: Sequence[Figures]) -> list[Plot]:
    """Return the plots that have data, in the order of the page."""
    builders = (_rewards, _shares, _groups, _length, _order, _reasons, _latencies)
    return [plot for build in builders for plot in build(runs)]


def _rewards(runs: Sequence[Figures]) -> Iterator[Plot]:
    rows = [row for run in runs for row in _bars(run.name, run.rewards)]
    if rows:
        yield Plot(
            "rewards",
            "Rewards",
            "Rollouts by their reward, without those whose reward the failure policy filled in.",
            _histogram(rows, runs, "reward"),
        )


def _shares(runs: Sequence[Figures]) -> Iterator[Plot]:
    rows = [
        {"run": run.name, "component": part.name, "share": part.share}
        for run in runs
        for part in run.components
        if part.share is not None and part.role != "criterion" and (part.weight or part.share)
    ]
    if rows:
        encoding = {
            "y": {"field": "component", "type": "nominal", "title": None, "sort": None},
            "x": {
                "field": "share",
                "type": "quantitative",
                "title": "share of the advantage",
                "axis": PERCENT,
            },
            **_colour(runs),
            **({"yOffset": {"field": "run", "sort": None}} if len(runs) > 1 else {}),
            "tooltip": _tooltip("run", "component", "share"),
        }
        yield Plot(
            "shares",
            "Share of the advantage",
            "What moves rewards within groups. A component that is the same for all of a group has no share.",
            {**_view(rows), "mark": {"type": "bar"}, "encoding": encoding, "height": {"step": 26}},
        )


def _groups(runs: Sequence[Figures]) -> Iterator[Plot]:
    for number, run in enumerate(runs):
        rows = [
            {**row, "kind": kind}
            for kind, bins in (("all alike", run.groups.tied), ("differ", run.groups.varied))
            for row in _bars(run.name, bins)
        ]
        if not run.groups.compared:
            continue
        colours = {"domain": ["differ", "all alike"], "range": [COLOURS[number % len(COLOURS)], "#8a8f98"]}
        encoding = {
            **_interval("mean reward of the group"),
            "y": {"field": "count", "type": "quantitative", "title": "groups"},
            "color": {"field": "kind", "type": "nominal", "scale": colours, "title": "rewards of a group"},
            "order": {"field": "kind"},
            "tooltip": _tooltip("kind", "low", "high", "count"),
        }
        yield Plot(
            "groups" if len(runs) == 1 else f"groups-{number + 1}",
            "Groups" if len(runs) == 1 else f"Groups: {run.name}",
            "Groups of two and more by their mean reward. A group of equal rewards trains nothing.",
            {**_view(rows), "mark": {"type": "bar"}, "encoding": encoding},
        )


def _length(runs: Sequence[Figures]) -> Iterator[Plot]:
    yield from _means(
        runs,
        "length",
        "Reward and length",
        "Mean reward of the shortest to the longest responses, with about as many in each point.",
        "characters of the response",
        lambda run: run.length.bins,
    )


def _order(runs: Sequence[Figures]) -> Iterator[Plot]:
    yield from _means(
        runs,
        "order",
        "Reward along the run",
        "Mean reward by line. A jump shows that the data, the judge or the function changed on the way.",
        "line",
        lambda run: run.order.bins,
    )


def _means(
    runs: Sequence[Figures], name: str, title: str, text: str, axis: str, bins: Callable[[Figures], Bins]
) -> Iterator[Plot]:
    rows = [row for run in runs for row in _points(run.name, bins(run))]
    if len(rows) < 2:
        return
    x = {"field": "middle", "type": "quantitative", "title": axis, "axis": {"format": "~s"}}
    y = {"field": "mean", "type": "quantitative", "title": "mean reward", "scale": {"zero": False}}
    band = {
        "mark": {"type": "area", "opacity": 0.2},
        "encoding": {"x": x, "y": {**y, "field": "least"}, "y2": {"field": "most"}, **_colour(runs)},
    }
    tooltip = _tooltip("run", "low", "high", "mean", "count")
    line = {
        "mark": {"type": "line", "point": True},
        "encoding": {"x": x, "y": y, **_colour(runs), "tooltip": tooltip},
    }
    yield Plot(
        name, title, f"{text} The band is ± 2 standard errors.", {**_view(rows), "layer": [band, line]}
    )


def _reasons(runs: Sequence[Figures]) -> Iterator[Plot]:
    rows = [
        {"run": run.name, "reason": reason, "rollouts": count}
        for run in runs
        for reason, count in {**run.unreadable_reasons, **run.reasons}.items()
    ]
    if rows:
        encoding = {
            "y": {"field": "reason", "type": "nominal", "title": None, "sort": "-x"},
            "x": {
                "field": "rollouts",
                "type": "quantitative",
                "title": "rollouts",
                "axis": {"tickMinStep": 1},
            },
            **_colour(runs),
            **({"yOffset": {"field": "run", "sort": None}} if len(runs) > 1 else {}),
            "tooltip": _tooltip("run", "reason", "rollouts"),
        }
        yield Plot(
            "reasons",
            "Failures by reason",
            "Why something of a rollout is unscored.",
            {**_view(rows), "mark": {"type": "bar"}, "encoding": encoding, "height": {"step": 26}},
        )


def _latencies(runs: Sequence[Figures]) -> Iterator[Plot]:
    rows = [row for run in runs for row in _bars(run.name, run.judge.latencies)]
    if rows:
        yield Plot(
            "latencies",
            "Latency of the judge",
            "Calls that gave verdicts, by their seconds; the slowest hundredth stands in the last interval.",
            _histogram(rows, runs, "seconds"),
        )


def _histogram(rows: list[Spec], runs: Sequence[Figures], axis: str) -> Spec:
    """Return bars for one run, steps for several."""
    tooltip = _tooltip("run", "low", "high", "count", "share")
    share = {"field": "share", "type": "quantitative", "title": "share", "axis": PERCENT}
    if len(runs) == 1:
        encoding = {**_interval(axis), "y": share, "color": {"value": COLOURS[0]}, "tooltip": tooltip}
        return {**_view(rows), "mark": {"type": "bar"}, "encoding": encoding}
    x = {"field": "low", "type": "quantitative", "title": axis}
    mark = {"type": "line", "interpolate": "step-after", "strokeWidth": 2}
    return {
        **_view(rows),
        "mark": mark,
        "encoding": {"x": x, "y": share, **_colour(runs), "tooltip": tooltip},
    }


PERCENT = {"format": "~%"}


def _bars(run: str, bins: Bins) -> Iterator[Spec]:
    total = sum(bins.counts) or 1
    for low, high, count in zip(bins.edges, bins.edges[1:], bins.counts, strict=False):
        yield {
            "run": run,
            "low": _short(low),
            "high": _short(high),
            "count": count,
            "share": _short(count / total),
        }


def _points(run: str, bins: Bins) -> Iterator[Spec]:
    intervals = zip(bins.edges, bins.edges[1:], strict=False)
    for (low, high), mean, error, count in zip(intervals, bins.means, bins.errors, bins.counts, strict=True):
        if mean is not None:
            around = 2 * (error or 0.0)
            yield {
                "run": run,
                "low": _short(low),
                "high": _short(high),
                "middle": _short((low + high) / 2),
                "mean": _short(mean),
                "least": _short(mean - around),
                "most": _short(mean + around),
                "count": count,
            }


def _short(value: float) -> float:
    """Round to six significant digits."""
    return float(f"{value:.6g}")


def _interval(title: str) -> Spec:
    """Return the horizontal place of a bar, with a gap of one pixel beside it."""
    x = {
        "field": "low",
        "type": "quantitative",
        "title": title,
        "bin": {"binned": True},
        "axis": {"grid": False},
    }
    return {"x": x, "x2": {"field": "high"}}


def _colour(runs: Sequence[Figures]) -> Spec:
    """Return the colour of each run, with a legend for several."""
    if len(runs) == 1:
        return {"color": {"value": COLOURS[0]}}
    names = [run.name for run in runs]
    scale = {"domain": names, "range": [COLOURS[number % len(COLOURS)] for number in range(len(names))]}
    return {"color": {"field": "run", "type": "nominal", "scale": scale, "title": "run"}}


def _tooltip(*fields: str) -> list[Spec]:
    return [{"field": field} for field in fields]


def _view(rows: list[Spec]) -> Spec:
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
