"""Near-duplicates: which responses of a batch are nearly the same, found without comparing all pairs."""

from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reward_fn.text import near_duplicates
from reward_fn.text.near_duplicates import MIN_WORDS, clusters


def test_scripts_without_spaces_are_compared_too() -> None:
    texts = ["\u4eca\u5929\u5929\u6c14\u5f88\u597d\u6211\u4eec\u53bb\u516c\u56ed\u6563\u6b65\u5427"] * 2
    assert clusters([*texts, texts[0][::-1]]) == [0, 0, 2]


def test_the_first_of_several_near_duplicates_leads_them() -> None:
    parking = "Parking behind the town hall is not possible on the day of the flea market in June."
    invoices = "Invoices fall due within thirty days of their receipt, with interest from then on."
    assert clusters([parking, invoices, parking, invoices, invoices]) == [0, 1, 0, 1, 1]


def comparisons(texts: Sequence[str], monkeypatch: pytest.MonkeyPatch) -> int:
    """How many pairs of sets are compared."""
    counted = []

    def count(one: near_duplicates.Runs, other: near_duplicates.Runs) -> bool:
        counted.append(1)
        return near(one, other)

    near = near_duplicates._are_near
    with monkeypatch.context() as patch:
        patch.setattr(near_duplicates, "_are_near", count)
        assert clusters(texts) is not None
    return len(counted)


def varied(count: int, *, changed: int) -> list[str]:
    """Texts that share all but ``changed`` of 60 words, these being of their own."""
    places = range(0, 60, 60 // changed)
    return [
        " ".join(f"own{i}x{n}" if n in places else f"word{n:03}" for n in range(60)) for i in range(count)
    ]


@pytest.mark.parametrize("changed", [4, 6, 12])
def test_a_text_is_compared_with_a_bounded_number_of_others(
    changed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """1,200 texts that are alike, but not near. A text has at most 58 runs, of which 12 are its prefix; all
    pairs are 719,400."""
    most = 1200 * 12 * near_duplicates.MAX_LISTED
    assert comparisons(varied(1200, changed=changed), monkeypatch) <= most < 719_400 / 2


WORDS = st.sampled_from(["alphas", "bravos", "charlie", "delta", "echoes", "foxtrot", "golf", "hotels"])
TEXTS = st.lists(st.lists(WORDS, min_size=MIN_WORDS, max_size=24).map(" ".join), max_size=8)


@given(TEXTS, st.randoms(use_true_random=False))
def test_a_near_duplicate_is_found_as_if_all_pairs_were_compared(texts: list[str], random: Random) -> None:
    """Up to 8 texts, so that no list is cut; half of them are copies with a word put in."""
    texts += [f"{text[:cut]} added {text[cut:]}" for text in texts for cut in [random.randrange(len(text))]]
    sets = [near_duplicates._runs(text) for text in texts]
    expected: list[int] = []
    for place, runs in enumerate(sets):
        led = [p for p in range(place) if expected[p] == p]
        expected.append(next((p for p in led if runs and sets[p] and near_by_hand(runs, sets[p])), place))
    assert clusters(texts) == expected


def near_by_hand(one: near_duplicates.Runs, other: near_duplicates.Runs) -> bool:
    return 5 * len(one & other) >= 4 * len(one | other)
