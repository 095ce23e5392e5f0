"""Compare a JSON list with the reference's: by place, as a multiset, or by a key. Scores are in [0, 1]."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from reward_fn.text.json_compare import Compare, exact, reach, unpacked
from reward_fn.text.json_values import MISSING, Path, frozen, leaves
from reward_fn.text.normalise import folded

MAX_PAIRS = 2_500
"""At most this many pairs are compared to find the most similar ones: 50 items on each side take about 20 ms.
Longer lists are paired in order."""
NEAR_KEY = 0.5
"""Keys with a lower similarity name different items. Only ``similar`` scores between 0 and 1."""

Pair = tuple[Any, Any]


class Field(NamedTuple):
    """A field of an object, its comparison, and its weight > 0."""

    path: Path
    compare: Compare
    weight: float = 1.0


def in_place(value: Any, right: Any) -> float:
    """Equal elements at equal places, as a share of the longer list; other values by ``exact``."""
    value, right = unpacked(value), unpacked(right)
    if not isinstance(value, list) or not isinstance(right, list) or not right:
        return exact(value, right)
    return sum(map(alike, value, right)) / max(len(value), len(right))


def alike(value: Any, right: Any) -> float:
    """Equal leaves of two objects, as a share of the leaves of both; other values by ``exact``."""
    if not isinstance(value, dict) or not isinstance(right, dict) or not right:
        return exact(value, right)
    right_leaves, value_leaves = dict(leaves(right)), dict(leaves(value))
    earned = sum(in_place(reach(value, path), leaf) for path, leaf in right_leaves.items())
    return earned / len(right_leaves.keys() | value_leaves.keys())


def multiset(value: Any, right: Any) -> float:
    """F1 of two lists in any order; a similar object counts from one half to one.

    One half, since an item that is entirely wrong costs as much in F1 as half a missing one.
    """
    value, right = unpacked(value), unpacked(right)
    if not isinstance(value, list) or not isinstance(right, list):
        return exact(value, right)
    same, others, missing = _matched(value, right, _folded)
    shares = [alike(one, other) for one, other in _most_similar(others, missing, alike)]
    earned = len(same) + sum((1 + share) / 2 for share in shares)
    return 2 * earned / (len(value) + len(right)) if value or right else 1.0


def by_items(fields: Sequence[Field], key: Field | None) -> Compare:
    """A comparison of two lists: the mean over their items, each scored by the weighted share of equal
    fields.

    Items with equal keys are paired first, then those with the most similar keys; without a key, the most
    similar items are paired. A missing or superfluous item scores 0. Without ``fields`` all leaves of an item
    are compared.
    """

    def share(value: Any, right: Any) -> float:
        present = [(field, leaf) for field in fields if (leaf := reach(right, field.path)) is not MISSING]
        if not present:
            return alike(value, right)
        earned = sum(field.weight * field.compare(reach(value, field.path), leaf) for field, leaf in present)
        return earned / sum(field.weight for field, _ in present)

    def similarity(one: Any, other: Any) -> float:
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
        pairs += _most_similar(others, missing, similarity)
        items = len(value) + len(right) - len(pairs)
        return sum(share(one, other) for one, other in pairs) / items if items else 1.0

    return compare


def _folded(value: Any) -> Any:
    """A hashable identity of an item; texts are folded."""
    return frozen(folded(value) if isinstance(value, str) else value)


def _matched(
    value: Sequence[Any], right: Sequence[Any], identity: Callable[[Any], Any]
) -> tuple[list[Pair], list[Any], list[Any]]:
    """Pairs of items with the same identity, and the unpaired items of both lists."""
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


def _most_similar(value: Sequence[Any], right: Sequence[Any], similarity: Compare) -> list[Pair]:
    """Pairs of items, the most similar first; items without any similarity stay unpaired."""
    if len(value) * len(right) > MAX_PAIRS:
        return [pair for pair in zip(value, right, strict=False) if similarity(*pair)]
    candidates = (
        (similarity(one, other), i, j) for i, one in enumerate(value) for j, other in enumerate(right)
    )
    return [(value[i], right[j]) for i, j in _greedy(sorted(candidates, key=lambda candidate: -candidate[0]))]


def _greedy(candidates: Sequence[tuple[float, int, int]]) -> Iterator[tuple[int, int]]:
    """The row and column of each candidate whose row and column are still free and whose share is above 0."""
    rows, columns = set(), set()
    for share, i, j in candidates:
        if share > 0 and i not in rows and j not in columns:
            rows.add(i)
            columns.add(j)
            yield i, j
