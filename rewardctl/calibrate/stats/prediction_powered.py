"""The pass rate from few labels and many judged rollouts: prediction-powered inference."""

import math
from collections.abc import Sequence

from rewardctl.calibrate.stats.estimate import Estimate, Z, bounded, undefined


def prediction_powered_mean(
    labels: Sequence[float], labelled_scores: Sequence[float], other_scores: Sequence[float]
) -> Estimate:
    """The mean label of all rollouts; labels and scores in [0, 1].

    mean(labels) + λ·(mean(other scores) - mean(labelled scores)): the scores of unlabelled rollouts move the
    mean of the labels by as much as they deserve. λ = cov(label, score) / ((1 + n/N)·var(score)), clipped to
    [0, 1], gives the least variance; a useless judge gets λ = 0, which leaves the labels alone. Sources:
    Angelopoulos et al. (2023), Science 382, 669-674; the λ of PPI++, arXiv 2311.01453.

    Assumes that the labelled rollouts are a random sample of all; if they were chosen by disagreement or by
    their answer, this is biased. The normal interval adds to the variance two residuals of the largest size,
    +1 and -1, each worth half an observation, so that a judge without a mistake in few labels still has a
    width. Undefined for fewer than two labels.
    """
    n, others = len(labels), len(other_scores)
    if n < 2:
        return undefined("fewer than two labels")
    mean_label, mean_score = math.fsum(labels) / n, math.fsum(labelled_scores) / n
    weight = _power(labels, labelled_scores, other_scores)
    residuals = [label - weight * score for label, score in zip(labels, labelled_scores, strict=True)]
    value, variance = mean_label, 0.0
    if others:
        value += weight * (math.fsum(other_scores) / others - mean_score)
        variance = weight**2 * _variance(other_scores) / others
    squares = _variance(residuals) * n + 1.0  # two residuals of size 1, each worth half an observation
    half = Z * math.sqrt(variance + squares / (n + 1) / n)
    value = min(1.0, max(0.0, value))
    return bounded(value, max(0.0, value - half), min(1.0, value + half))


def _power(labels: Sequence[float], scores: Sequence[float], others: Sequence[float]) -> float:
    """The weight λ of the scores, in [0, 1]."""
    if not others:
        return 0.0
    n, mean_label, mean_score = len(labels), math.fsum(labels) / len(labels), math.fsum(scores) / len(scores)
    products = ((y - mean_label) * (f - mean_score) for y, f in zip(labels, scores, strict=True))
    covariance = math.fsum(products) / n
    spread = _variance([*scores, *others])
    return min(1.0, max(0.0, covariance / ((1 + n / len(others)) * spread))) if spread else 0.0


def _variance(values: Sequence[float]) -> float:
    mean = math.fsum(values) / len(values)
    return math.fsum((value - mean) ** 2 for value in values) / len(values)
