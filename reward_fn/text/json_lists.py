"""How right a list is, in [0, 1], where the reference has another: by place, as a multiset, by a key."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from reward_fn.text.json_compare import Compare, exact, reach, unpacked
from reward_fn.text.json_values import MISSING, Path, frozen, leaves
from reward_fn.text.normalise import folded

MAX_PAIRS = 2_500
"""So many pairs are tried for the nearest, 50 items on each side: some 20 ms. More are paired in order."""
NEAR_KEY = 0.5
"""Keys less alike than this name different items; only ``similar`` knows values between 0 and 1."""

Pair = tuple[Any, Any]


class Field(NamedTuple):
    """A place in an object, how it is compared, and how much it counts."""

    path: Path
    compare: Compare
    weight: float = 1.0


def in_place(value: Any, right: Any) -> float:
    """As ``exact``, but of a list the share of its places that are right; what is left over counts too."""
    value, right = unpacked(value), unpacked(right)
    if not isinstance(value, list) or not isinstance(right, list) or not right:
        return exact(value, right)
    return sum(map(alike, value, right)) / max(len(value), len(right))


def alike(value: Any, right: Any) -> float:
    """The share of an object's leaves that are right, those too many among them; of all else ``exact``."""
    if not isinstance(value, dict) or not isinstance(right, dict) or not right:
        return exact(value, right)
    wanted, given = dict(leaves(right)), dict(leaves(value))
    earned = sum(in_place(reach(value, path), leaf) for path, leaf in wanted.items())
    return earned / len(wanted.keys() | given.keys())


def multiset(value: Any, right: Any) -> float:
    """F1 of two lists whatever their order; an object that is nearly right counts half and more.

    Half, since in F1 even an item that is all wrong takes off as much as half of one that is missing.
    """
    value, right = unpacked(value), unpacked(right)
    if not isinstance(value, list) or not isinstance(right, list):
        return exact(value, right)
    same, others, missing = _matched(value, right, _folded)
    shares = [alike(one, other) for one, other in _nearest(others, missing, alike)]
    earned = len(same) + sum((1 + share) / 2 for share in shares)
    return 2 * earned / (len(value) + len(right)) if value or right else 1.0


def by_items(fields: Sequence[Field], key: Field | None) -> Compare:
    """The mean over the items of two lists: each earns the weighted share of its fields that are right.

    Items with equal keys belong together, then those with the nearest keys; without a key, those that are
    most alike. An item that is missing and one that is too many earn nothing. Without ``fields`` all that the
    reference's item has counts.
    """

    def share(value: Any, right: Any) -> float:
        wanted = [(field, leaf) for field in fields if (leaf := reach(right, field.path)) is not MISSING]
        if not wanted:
            return alike(value, right)
        earned = sum(field.weight * field.compare(reach(value, field.path), leaf) for field, leaf in wanted)
        return earned / sum(field.weight for field, _ in wanted)

    def near(one: Any, other: Any) -> float:
        if key is None:
            return share(one, other)
        alike_keys = key.compare(reach(one, key.path), reach(other, key.path))
        return alike_keys if alike_keys >= NEAR_KEY else 0.0

    def compare(value: Any, right: Any) -> float:
        value, right = unpacked(value), unpacked(right)
        if not isinstance(value, list) or not isinstance(right, list):
            return exact(value, right)
        pairs, others, missing = _matched(value, right, _folded)
        if key is not None:
            keyed, others, missing = _matched(others, missing, lambda item: _folded(reach(item, key.path)))
            pairs += keyed
        pairs += _nearest(others, missing, near)
        items = len(value) + len(right) - len(pairs)
        return sum(share(one, other) for one, other in pairs) / items if items else 1.0

    return compare


def _folded(value: Any) -> Any:
    return frozen(folded(value) if isinstance(value, str) else value)


def _matched(
    value: Sequence[Any], right: Sequence[Any], identity: Callable[[Any], Any]
) -> tuple[list[Pair], list[Any], list[Any]]:
    """Pairs of the same identity, and what is left over on both sides."""
    places = defaultdict(list)
    for place in reversed(range(len(right))):
        places[identity(right[place])].append(place)
    places.pop(MISSING, None)
    pairs: list[Pair] = []
    others, used = [], set()
    for item in value:
        if same := places.get(identity(item)):
            used.add(same[-1])
            pairs.append((item, right[same.pop()]))
        else:
            others.append(item)
    return pairs, others, [item for place, item in enumerate(right) if place not in used]


def _nearest(value: Sequence[Any], right: Sequence[Any], near: Compare) -> list[Pair]:
    """Pairs, each of the nearest that are left; those that have nothing in common are none."""
    if len(value) * len(right) > MAX_PAIRS:
        return [pair for pair in zip(value, right, strict=False) if near(*pair)]
    tried = ((near(one, other), i, j) for i, one in enumerate(value) for j, other in enumerate(right))
    return [(value[i], right[j]) for i, j in _greedy(sorted(tried, key=lambda each: -each[0]))]


def _greedy(tried: Sequence[tuple[float, int, int]]) -> Iterator[tuple[int, int]]:
    rows, columns = set(), set()
    for share, i, j in tried:
        if share > 0 and i not in rows and j not in columns:
            rows.add(i)
            columns.add(j)
            yield i, j
