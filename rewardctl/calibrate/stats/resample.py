"""Resampling by prompt: random weights for observations, the same for all observations of one prompt.

This is the Bayesian bootstrap of Rubin (1981), Annals of Statistics 9, 130-134, applied to whole prompts:
each prompt gets a weight from the exponential distribution with mean 1. The rollouts of one prompt share its
difficulty, so they are not independent observations; weighting whole prompts keeps that dependence.

A bootstrap of the data alone has no width where the data have no variance, as for a judge that is always
right or always says yes. So four corners are added to each draw: (yes, yes), (yes, no), (no, yes) and (no,
no), each worth half an observation. With one observation a prompt, the weights of a 2x2 table then follow
Dirichlet(counts + 1/2), the posterior under Jeffreys' prior for four cells. With n labels the corners shift
a figure by about 2 / n.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import TYPE_CHECKING

from rewardctl.calibrate.stats.estimate import Estimate, bounded, undefined

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

DRAWS = 2_000
"""Draws of an interval. The error that is left in a limit is about 0.05 standard deviations of the figure."""
SEED = 13
"""The seed of all draws: the same labels always give the same interval."""
CORNERS = ((1, 1), (1, 0), (0, 1), (0, 0))
"""The answers (judge, label) of the added corners."""
CORNER_WEIGHT = 0.5
MIN_PROMPTS = 10
"""Resampling fewer clusters than about ten understates the error (Cameron, Gelbach and Miller, 2008, Review
of Economics and Statistics 90, 414-427)."""
MAX_UNDEFINED_SHARE = 0.01
"""An interval is undefined if more than this share of its draws is undefined."""
_MAX_CELLS = 2_000_000


def prompt_weights(
    prompts: Sequence[Hashable], *, corners: int = len(CORNERS), draws: int = DRAWS, seed: int = SEED
) -> Iterator[Floats]:
    """Yield weights in blocks of shape (draws of the block, observations + corners), ``draws`` rows in all.

    ``prompts`` names the prompt of each observation. The last columns are the weights of the corners, which
    are worth two observations together. Blocks bound the memory to 16 MB.
    """
    import numpy as np

    random = np.random.default_rng(seed)
    number: dict[Hashable, int] = {}
    places = np.array([number.setdefault(prompt, len(number)) for prompt in prompts], dtype=np.intp)
    block = max(1, min(draws, _MAX_CELLS // max(1, len(places) + corners)))
    shape = CORNER_WEIGHT * len(CORNERS) / corners
    for start in range(0, draws, block):
        rows = min(block, draws - start)
        own = random.standard_exponential((rows, len(number)))[:, places]
        yield np.concatenate([own, random.standard_gamma(shape, (rows, corners))], axis=1)


def total_weights(weights: Floats, classes: npt.NDArray[np.intp], count: int) -> Floats:
    """The total weight of each of ``count`` classes, shape (rows of ``weights``, count); ``classes`` has the
    class of each observation."""
    import numpy as np

    members = np.zeros((len(classes), count))
    members[np.arange(len(classes)), classes] = 1.0
    return weights @ members


def resampled(
    value: float,
    statistic: Callable[[Floats], Floats],
    prompts: Sequence[Hashable],
    *,
    corners: int = len(CORNERS),
) -> Estimate:
    """``value`` with the 2.5 % and 97.5 % quantiles of ``statistic`` over all draws of weights.

    ``statistic`` takes a block of weights, see :func:`prompt_weights`, and returns one number a row. If
    prompts have several observations, the interval is the wider of that by prompt and that by observation: a
    sample with as many yes as no labels for each prompt makes prompts more alike than chance would. There is
    no interval if several observations a prompt come from fewer than MIN_PROMPTS prompts.
    """
    distinct = len(set(prompts))
    if distinct < min(len(prompts), MIN_PROMPTS):
        few = f"{distinct} prompts" if distinct > 1 else "a single prompt"
        return Estimate(value, undefined=f"the labels are of {few}, and an interval needs {MIN_PROMPTS}")

    clusters: list[Sequence[Hashable]] = [prompts]
    if distinct < len(prompts):
        clusters.append(range(len(prompts)))
    limits = [_limits(statistic, each, corners) for each in clusters]
    known = [pair for pair in limits if pair]
    if len(known) < len(limits):
        return undefined("its interval is undefined: too few labels, or too few of one answer")
    return bounded(value, min(low for low, _ in known), max(high for _, high in known))


def _limits(
    statistic: Callable[[Floats], Floats], prompts: Sequence[Hashable], corners: int
) -> tuple[float, float] | None:
    """Both quantiles; None if too many draws are undefined."""
    import numpy as np

    numbers = np.concatenate([statistic(block) for block in prompt_weights(prompts, corners=corners)])
    finite = numbers[np.isfinite(numbers)]
    if len(finite) < (1 - MAX_UNDEFINED_SHARE) * len(numbers):
        return None
    low, high = np.quantile(finite, [0.025, 0.975])
    return float(low), float(high)
