"""How many more labels a narrower interval needs."""

import math

from rewardctl.calibrate.stats.estimate import Estimate


def labels_missing(estimate: Estimate, labels: int, half_width: float) -> int | None:
    """The number of labels to add to ``labels`` for an interval of ``half_width``; None if undefined.

    Widths shrink with the square root of the number of labels, so n·(h / half_width)² are needed in all.
    Assumes that the new labels are like the present ones in the share of yes and in labels a prompt.
    """
    if estimate.half_width is None:
        return None
    needed = math.ceil(labels * (estimate.half_width / half_width) ** 2)
    return max(0, needed - labels)
