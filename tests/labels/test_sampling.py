"""Samples: their sizes by hand, and that a seed decides them."""

from collections import Counter
from collections.abc import Callable

import pytest

from rewardctl.labels.sampling import in_equal_parts, in_proportion, largest_first, quarters, random_order

KEYS = [f"k{number:03}" for number in range(100)]
STRATA = {key: "rare" if number < 10 else "usual" for number, key in enumerate(KEYS)}


def test_a_random_order_holds_every_key_once_and_depends_on_the_seed() -> None:
    assert sorted(random_order(KEYS, 1)) == KEYS
    assert random_order(KEYS, 1) == random_order(KEYS[::-1], 1)
    assert random_order(KEYS, 1) != random_order(KEYS, 2)


@pytest.mark.parametrize(
    ("size", "rare"),
    [
        (20, 2),  # a tenth of 20
        (24, 2),  # 2.4 and 21.6: the larger remainder is the usual ones'
        (26, 3),  # 2.6 and 23.4
        (1000, 10),  # all there are
    ],
)
def test_strata_keep_their_shares(size: int, rare: int) -> None:
    counts = Counter(STRATA[key] for key in in_proportion(STRATA, size, 0))
    assert counts == {"rare": rare, "usual": min(size, 100) - rare}


def test_equal_parts_take_as_many_of_the_rare_stratum_as_of_the_usual_one() -> None:
    counts = Counter(STRATA[key] for key in in_equal_parts(STRATA, 12, 0))
    assert counts == {"rare": 6, "usual": 6}


def test_a_stratum_that_is_used_up_leaves_its_places_to_the_others() -> None:
    counts = Counter(STRATA[key] for key in in_equal_parts(STRATA, 50, 0))
    assert counts == {"rare": 10, "usual": 40}


def test_the_largest_values_come_first_and_ties_are_drawn() -> None:
    values = {"a": 0.5, "b": 1.0, **{f"t{number}": 0.75 for number in range(8)}}
    orders = [largest_first(values, 9, seed) for seed in range(4)]
    assert {(order[0], "a" in order) for order in orders} == {("b", False)}
    assert len(set(map(tuple, orders))) > 1


def test_quarters_go_by_rank_and_equal_values_stay_together() -> None:
    assert quarters({"a": 0.1, "b": 0.2, "c": 0.3, "d": 0.4}) == {"a": 0, "b": 1, "c": 2, "d": 3}
    # ranks 0, 0, 0, 3: three equal values share the lowest quarter
    assert quarters({"a": 0, "b": 0, "c": 0, "d": 1}) == {"a": 0, "b": 0, "c": 0, "d": 3}


@pytest.mark.parametrize("draw", [in_proportion, in_equal_parts])
def test_a_sample_depends_on_the_seed_alone(draw: Callable[..., list[str]]) -> None:
    backwards = dict(reversed(STRATA.items()))
    assert draw(STRATA, 10, 3) == draw(backwards, 10, 3)
    assert draw(STRATA, 10, 3) != draw(STRATA, 10, 4)


def test_empty_data_gives_an_empty_sample() -> None:
    assert in_proportion({}, 5, 0) == in_equal_parts({}, 5, 0) == largest_first({}, 5, 0) == []
    assert quarters({}) == {}
