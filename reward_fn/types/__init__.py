"""The words of this package as types; read these first.

A batch of *rollouts* comes in. *Checks* score each one in [0, 1]; those that the definition makes *gates*
end the paid work when they fail. The *judge* answers a *rubric* of *criteria* with *verdicts*, or leaves
them *unscored* for a typed *reason*. :mod:`reward_fn.score.aggregate` turns all of it into one *result* each.

Everything here is frozen. The docstrings give the shape and range of each field. A project's own checks
import their types from here.
"""

from reward_fn.types.check import CheckResult
from reward_fn.types.rollout import Rollout
from reward_fn.types.unscored import Reason, Unscored

__all__ = ["CheckResult", "Reason", "Rollout", "Unscored"]
