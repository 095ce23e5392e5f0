"""Bins over the numbers of a run, small enough to be plotted whatever the number of rollouts. Pure."""

import numpy as np

from rewardctl.report.figures import Bins, Spread
from rewardctl.report.within import Floats, Ints

REWARD_BINS = 25
"""Bins of rewards: the middle of the range lies in the middle of one, since imputed rewards stand there."""
QUANTITY_BINS = 12
"""Bins of a quantity with about as many rollouts in each."""
MIN_IN_BIN = 10
"""A mean of fewer rewards is mostly chance, so few rollouts have fewer bins."""
ORDER_BINS = 20
"""Bins along a run."""
QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)


def spread(values: Floats, low: float, high: float) -> Spread:
    """Return mean, sample standard deviation and quantiles."""
    if not len(values):
        return Spread(0)
    mean = float(values.mean())
    return Spread(
        len(values),
        mean,
        float(values.std(ddof=1)) if len(values) > 1 else None,
        (mean - low) / (high - low) if high > low else None,
        {
            f"{share:g}": float(value)
            for share, value in zip(QUANTILES, np.quantile(values, QUANTILES), strict=True)
        },
    )


def histogram(values: Floats, low: float, high: float, bins: int = REWARD_BINS) -> Bins:
    """Count the values in ``bins`` intervals of one width from ``low`` to ``high``."""
    if high <= low:
        low, high = low - 0.5, low + 0.5
    counts, edges = np.histogram(np.clip(values, low, high), bins=bins, range=(low, high))
    return Bins(tuple(edges.tolist()), tuple(counts.tolist()))


def means_by(quantity: Floats, reward: Floats, bins: int = QUANTITY_BINS) -> Bins:
    """Return the mean reward in bins of a quantity that hold about as many rollouts each."""
    known = ~np.isnan(quantity)
    quantity, reward = quantity[known], reward[known]
    if not len(quantity):
        return Bins()
    bins = max(1, min(bins, len(quantity) // MIN_IN_BIN))
    edges = np.unique(np.quantile(quantity, np.linspace(0.0, 1.0, bins + 1)))
    if len(edges) < 2:
        edges = np.array([edges[0] - 0.5, edges[0] + 0.5])
    places = np.clip(np.searchsorted(edges, quantity, side="right") - 1, 0, len(edges) - 2)
    return _means(edges, places, reward)


def _means(edges: Floats, places: Ints, reward: Floats) -> Bins:
    number = len(edges) - 1
    counts = np.bincount(places, minlength=number)
    sums = np.bincount(places, weights=reward, minlength=number)
    means = np.divide(sums, counts, out=np.zeros(number), where=counts > 0)
    squares = np.bincount(places, weights=(reward - means[places]) ** 2, minlength=number)
    errors = np.sqrt(squares / np.maximum(counts - 1, 1) / np.maximum(counts, 1))
    return Bins(
        tuple(edges.tolist()),
        tuple(counts.tolist()),
        tuple(float(mean) if count else None for mean, count in zip(means, counts, strict=True)),
        tuple(float(error) if count > 1 else None for error, count in zip(errors, counts, strict=True)),
    )


def correlation(x: Floats, y: Floats) -> float | None:
    """Return Pearson's correlation, -1 to 1, over the rows that have both; None if one does not vary."""
    known = ~(np.isnan(x) | np.isnan(y))
    x, y = x[known], y[known]
    if len(x) < 2:
        return None
    x, y = x - x.mean(), y - y.mean()
    scale = np.sqrt((x @ x) * (y @ y))
    return float(np.clip(x @ y / scale, -1.0, 1.0)) if scale > 1e-12 else None
