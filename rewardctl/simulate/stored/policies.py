"""What a failed judge call earns: the shipped failure policies, and two that others use."""

from collections.abc import Callable, Mapping
from functools import lru_cache

import numpy as np

from reward_fn.score.policies import POLICIES
from reward_fn.types.result import Result
from rewardctl.simulate.stored.answers import Bools, Floats

Fill = Callable[[Floats, Bools], tuple[Floats, Bools]]
"""Takes rewards and marks of failures, a row a group; returns rewards, and marks of those that count."""

MIDDLE = 0.5
"""The middle of the range from 0 to 1, which a definition hands to the shipped policies."""


def shipped(name: str) -> Fill:
    """The shipped policy of that name. Raises KeyError for an unknown name."""
    policy = POLICIES[name]

    @lru_cache(maxsize=65_536)
    def of_group(rewards: tuple[float | None, ...]) -> tuple[float, ...]:
        """The rewards of a group; None is a failure. Groups repeat, and so they are kept."""
        results = [
            Result(i, i, MIDDLE if reward is None else reward, (), "group", imputed=reward is None)
            for i, reward in enumerate(rewards)
        ]
        return tuple(result.reward for result in policy(results))

    def fill(rewards: Floats, failed: Bools) -> tuple[Floats, Bools]:
        filled = rewards.copy()
        for place in np.flatnonzero(failed.any(1)):
            pairs = zip(rewards[place].tolist(), failed[place].tolist(), strict=True)
            filled[place] = of_group(tuple(None if lost else reward for reward, lost in pairs))
        return filled, np.ones_like(failed)

    return fill


def zero(rewards: Floats, failed: Bools) -> tuple[Floats, Bools]:
    """The low end of the range for each failure."""
    return np.where(failed, 0.0, rewards), np.ones_like(failed)


def masked(rewards: Floats, failed: Bools) -> tuple[Floats, Bools]:
    """Failures are left out of their group, as TRL does with None."""
    return rewards, ~failed


def _label(name: str) -> str:
    """The name of a shipped policy in tables; the default gives the middle of the range."""
    return f"{name} ({MIDDLE})" if name == next(iter(POLICIES)) else name


FILLS: Mapping[str, Fill] = {_label(name): shipped(name) for name in POLICIES} | {
    "zero": zero,
    "masked": masked,
}
"""Every policy by its name in tables: the shipped ones, and two more."""
