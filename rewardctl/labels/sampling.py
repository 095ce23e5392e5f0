"""Choose which rollouts are labelled. Pure; the same seed chooses the same rollouts in the same order.

A random sample, or one in proportion to strata, keeps the shares of the data: rates and kappa estimated from
it are those of the data. A sample of equal strata or of disagreements finds mistakes with fewer labels, and
its rates are not those of the data.
"""

import random
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from typing import Literal, get_args

Way = Literal["random", "reward", "verdict", "disagreement", "boundary"]
WAYS: tuple[Way, ...] = get_args(Way)
"""The ways to choose rollouts; :mod:`rewardctl.labels.choose` says what each takes."""


def random_order(keys: Sequence[str], seed: int) -> list[str]:
    """All keys in random order. It depends on the set of keys and the seed, not on the order given."""
    return random.Random(seed).sample(sorted(keys), len(keys))


def in_proportion(strata: Mapping[str, Hashable], size: int, seed: int) -> list[str]:
    """``size`` keys, from each stratum in proportion to its share, in random order.

    ``strata`` maps each key to its stratum. Shares that are not whole are rounded by the largest remainder.
    """
    members = _members(strata, seed)
    total = len(strata)
    size = min(size, total)
    exact = {stratum: size * len(keys) / total for stratum, keys in members.items()}
    counts = {stratum: int(share) for stratum, share in exact.items()}
    by_remainder = sorted(exact, key=lambda stratum: counts[stratum] - exact[stratum])
    for stratum in by_remainder[: size - sum(counts.values())]:
        counts[stratum] += 1
    return random_order([key for s, keys in members.items() for key in keys[: counts[s]]], seed)


def in_equal_parts(strata: Mapping[str, Hashable], size: int, seed: int) -> list[str]:
    """``size`` keys, as many from each stratum as it has and as its turn allows, in random order."""
    members = _members(strata, seed)
    sample: list[str] = []
    for turn in range(max(map(len, members.values()), default=0)):
        sample += [keys[turn] for keys in members.values() if turn < len(keys)]
    return random_order(sample[:size], seed)


def largest_first(values: Mapping[str, float], size: int, seed: int) -> list[str]:
    """The ``size`` keys with the largest values, largest first; equal values in random order."""
    return sorted(random_order(list(values), seed), key=lambda key: -values[key])[:size]


def quarters(values: Mapping[str, float]) -> dict[str, int]:
    """The quarter of each key, 0 to 3, by the rank of its value. Equal values share the lowest quarter."""
    ordered = sorted(values.values())
    first_rank = {value: rank for rank, value in reversed(list(enumerate(ordered)))}
    return {key: 4 * first_rank[value] // len(ordered) for key, value in values.items()}


def _members(strata: Mapping[str, Hashable], seed: int) -> dict[Hashable, list[str]]:
    """The keys of each stratum in random order; the strata in the order of their first key in that order."""
    members: dict[Hashable, list[str]] = defaultdict(list)
    for key in random_order(list(strata), seed):
        members[strata[key]].append(key)
    return dict(members)
