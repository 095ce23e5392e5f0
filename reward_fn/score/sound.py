"""Whether a result may be sent: its reward in range, and all of its numbers finite."""

import math
from dataclasses import replace

from reward_fn.types.definition import Definition
from reward_fn.types.result import Result
from reward_fn.types.unscored import Reason, Unscored


def sound(result: Result, definition: Definition) -> Result:
    """The result, unchanged if it may be sent.

    Otherwise a check or this package has a fault, which must not cost the other rows of the batch: the reward
    becomes the middle of the range, ``imputed``, for the reason ``internal_error``; metrics that are not
    finite are dropped.
    """
    if not (wrong := why_unsound(result, definition)):
        return result
    finite = [metric for metric in result.metrics if math.isfinite(metric.value)]
    return replace(
        result,
        reward=definition.neutral,
        metrics=tuple(m._replace(value=1.0) if m.name == "imputed" else m for m in finite),
        reasons=(*result.reasons, Unscored(Reason.INTERNAL_ERROR, wrong)),
        imputed=True,
    )


def why_unsound(result: Result, definition: Definition) -> str:
    """Why a result must not be sent, "" if it may."""
    if not definition.low <= result.reward <= definition.high:  # also false for NaN
        return f"reward {result.reward} is not in the definition's range"
    if bad := [metric.name for metric in result.metrics if not math.isfinite(metric.value)]:
        return f"metrics {bad} are not finite"
    return ""
