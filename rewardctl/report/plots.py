"""The plots of the page and of the docs, as Vega-Lite specifications with their few data inside. Pure.

Each shows one run or several, by colour. Nothing here grows with the number of rollouts. Colours are of
middle lightness and texts are ``currentColor``, so that one specification serves light and dark pages.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rewardctl.report.figures import Bins, Figures
from rewardctl.report.spec import (
    COLOURS,
    PERCENT,
    Spec,
    bars,
    colour,
    height,
    histogram,
    interval,
    points,
    tooltip,
    view,
)


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot: ``name`` is its anchor, ``title`` its heading, ``text`` says what to look for."""

    name: str
    title: str
    text: str
    spec: Spec


def plots_of(runs: Sequence[Figures]) -> list[Plot]:
    """Return the plots that have data, in the order of the page."""
    builders = (_rewards, _shares, _groups, _length, _place, _order, _reasons, _latencies)
    return [plot for build in builders for plot in build(runs)]


def _rewards(runs: Sequence[Figures]) -> Iterator[Plot]:
    rows = [row for run in runs for row in bars(run.name, run.rewards)]
    if rows:
        yield Plot(
            "rewards",
            "Rewards",
            "Rollouts by their reward, without those whose reward the failure policy filled in.",
            histogram(rows, runs, "reward"),
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
            **colour(runs),
            **({"yOffset": {"field": "run", "sort": None}} if len(runs) > 1 else {}),
            "tooltip": tooltip("run", "component", "share"),
        }
        yield Plot(
            "shares",
            "Share of the advantage",
            "What moves rewards within groups. A component that is the same for all of a group has no share.",
            {**view(rows), "mark": {"type": "bar"}, "encoding": encoding, "height": height(rows)},
        )


def _groups(runs: Sequence[Figures]) -> Iterator[Plot]:
    for number, run in enumerate(runs):
        rows = [
            {**row, "kind": kind}
            for kind, bins in (("all alike", run.groups.tied), ("differ", run.groups.varied))
            for row in bars(run.name, bins)
        ]
        if not run.groups.compared:
            continue
        colours = {"domain": ["differ", "all alike"], "range": [COLOURS[number % len(COLOURS)], "#8a8f98"]}
        encoding = {
            **interval("mean reward of the group"),
            "y": {"field": "count", "type": "quantitative", "title": "groups"},
            "color": {"field": "kind", "type": "nominal", "scale": colours, "title": "rewards of a group"},
            "order": {"field": "kind"},
            "tooltip": tooltip("kind", "low", "high", "count"),
        }
        yield Plot(
            "groups" if len(runs) == 1 else f"groups-{number + 1}",
            "Groups" if len(runs) == 1 else f"Groups: {run.name}",
            "Groups of two and more by their mean reward. A group of equal rewards trains nothing.",
            {**view(rows), "mark": {"type": "bar"}, "encoding": encoding},
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


def _place(runs: Sequence[Figures]) -> Iterator[Plot]:
    yield from _means(
        runs,
        "place",
        "Reward and place in the batch",
        "Mean reward by the place in the batch. It should be level.",
        "place in the batch",
        lambda run: run.place.bins,
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
    rows = [row for run in runs for row in points(run.name, bins(run))]
    if len(rows) < 2:
        return
    x = {"field": "middle", "type": "quantitative", "title": axis, "axis": {"format": "~s"}}
    y = {"field": "mean", "type": "quantitative", "title": "mean reward", "scale": {"zero": False}}
    band = {
        "mark": {"type": "area", "opacity": 0.2},
        "encoding": {"x": x, "y": {**y, "field": "least"}, "y2": {"field": "most"}, **colour(runs)},
    }
    shown = tooltip("run", "low", "high", "mean", "count")
    line = {
        "mark": {"type": "line", "point": True},
        "encoding": {"x": x, "y": y, **colour(runs), "tooltip": shown},
    }
    yield Plot(name, title, f"{text} The band is ± 2 standard errors.", {**view(rows), "layer": [band, line]})


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
            **colour(runs),
            **({"yOffset": {"field": "run", "sort": None}} if len(runs) > 1 else {}),
            "tooltip": tooltip("run", "reason", "rollouts"),
        }
        yield Plot(
            "reasons",
            "Failures by reason",
            "Why something of a rollout is unscored.",
            {**view(rows), "mark": {"type": "bar"}, "encoding": encoding, "height": height(rows)},
        )


def _latencies(runs: Sequence[Figures]) -> Iterator[Plot]:
    rows = [row for run in runs for row in bars(run.name, run.judge.latencies)]
    if rows:
        yield Plot(
            "latencies",
            "Latency of the judge",
            "Calls that gave verdicts, by their seconds; the slowest hundredth stands in the last interval.",
            histogram(rows, runs, "seconds"),
        )
