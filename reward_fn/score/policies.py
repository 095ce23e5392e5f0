"""Failure policies: the rewards of rollouts that have none of their own. ``on_error`` names one.

To add a policy: write a function, put it into ``POLICIES``, and document it in ``docs/definitions.md``.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from math import fsum

from reward_fn.types.result import Result

Policy = Callable[[Sequence[Result]], list[Result]]
"""Takes the results of a batch, in order; imputed ones have the middle of the range as their reward. Returns
them in the same order; only rewards of imputed results may differ."""


def neutral(results: Sequence[Result]) -> list[Result]:
    """The middle of the range for every rollout without a reward of its own."""
    return list(results)


def siblings(results: Sequence[Result]) -> list[Result]:
    """The mean of the group's valid rewards in the batch; the middle of the range if there are none."""
    valid: defaultdict[str, list[float]] = defaultdict(list)
    for result in results:
        if result.group and not result.imputed:
            valid[result.group].append(result.reward)

    def imputed(result: Result) -> Result:
        rewards = valid.get(result.group or "")
        if not rewards or not result.imputed:
            return result
        return replace(result, reward=fsum(rewards) / len(rewards))

    return [imputed(result) for result in results]


POLICIES: dict[str, Policy] = {"neutral": neutral, "siblings": siblings}
"""Every policy by the name that definitions use; the first is the default."""
