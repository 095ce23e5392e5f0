"""Batches, samples and progress: cut the same way each time, between groups where that matters."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from rewardctl.data import Line
from rewardctl.engine import batches as batches_module
from rewardctl.engine.batches import batches
from rewardctl.engine.progress import duration
from rewardctl.engine.sample import SAMPLE_LINES, sample_of
from tests.factory import row


def lines_of_groups(*sizes: int) -> list[Line]:
    """Lines of groups of these sizes, one after another."""
    prompts = [str(group) for group, size in enumerate(sizes) for _ in range(size)]
    return [Line(n, json.dumps(row("A", prompt=prompt)).encode()) for n, prompt in enumerate(prompts, 1)]


def sizes(parts: Sequence[Sequence[Any]]) -> list[int]:
    return [len(part) for part in parts]


def test_every_line_is_in_one_batch_in_order() -> None:
    lines = lines_of_groups(*[1] * 10)
    parts = list(batches(lines, 4, by_group=False))
    assert sizes(parts) == [4, 4, 2]
    assert [line for part in parts for line in part] == lines


def test_a_batch_ends_with_a_group() -> None:
    # Full at 4 lines, in the second group of three: it ends with that group.
    assert sizes(list(batches(lines_of_groups(3, 3, 3, 3), 4, by_group=True))) == [6, 6]
    assert sizes(list(batches(lines_of_groups(4, 4), 4, by_group=True))) == [4, 4]


def test_a_group_that_does_not_end_is_cut_at_twice_the_size() -> None:
    assert sizes(list(batches(lines_of_groups(20), 4, by_group=True))) == [8, 8, 4]


def test_without_groups_a_group_may_be_cut() -> None:
    assert sizes(list(batches(lines_of_groups(3, 3), 4, by_group=False))) == [4, 2]


def test_lines_without_a_rollout_end_a_group() -> None:
    lines = [*lines_of_groups(4), Line(5, b"broken"), Line(6, b"broken")]
    assert sizes(list(batches(lines, 4, by_group=True))) == [4, 2]


def test_a_line_with_several_rollouts_belongs_to_its_first_and_its_last_group() -> None:
    both = Line(2, json.dumps([row("A", prompt="0"), row("A", prompt="1")]).encode())
    last = Line(3, json.dumps(row("A", prompt="1")).encode())
    assert sizes(list(batches([*lines_of_groups(1), both, last], 1, by_group=True))) == [2, 1]
    # The last line would make three, more than twice the size.
    assert sizes(list(batches([both, last], 1, by_group=True))) == [2]


def test_long_lines_make_small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches_module, "MAX_BATCH_BYTES", 1_000)
    lines = [Line(n, b"x" * 400) for n in range(1, 8)]
    assert sizes(list(batches(lines, 100, by_group=False))) == [3, 3, 1]  # full at 1,200 bytes


def test_a_run_that_is_continued_finds_the_same_batches() -> None:
    lines = lines_of_groups(3, 1, 5, 2, 2, 7, 1, 1, 4)
    whole = list(batches(lines, 4, by_group=True))
    assert whole == list(batches(iter(lines), 4, by_group=True))
    assert sum(map(len, whole)) == len(lines)


@pytest.mark.parametrize("count", [0, 1, SAMPLE_LINES, SAMPLE_LINES * 9 + 5])
def test_a_sample_counts_all_lines_and_keeps_few(count: int) -> None:
    sample = sample_of(Line(n, b"x") for n in range(count))
    assert sample.lines == count
    assert len(sample.batches) == min(8, -(-count // SAMPLE_LINES))
    numbers = [line.number for part in sample.batches for line in part]
    assert len(set(numbers)) == len(numbers)


def test_a_sample_comes_from_everywhere_and_is_the_same_each_time() -> None:
    lines = [Line(n, b"x") for n in range(SAMPLE_LINES * 1_000)]
    sample = sample_of(lines)
    assert sample == sample_of(lines)
    starts = [part[0].number // SAMPLE_LINES for part in sample.batches]
    assert max(starts) > 500  # of 1,000; all 8 in the first half has probability 1/256 for one seed
    assert sample != sample_of(lines, seed=1)


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.4, "0 s"), (89, "89 s"), (90, "2 min"), (5_399, "90 min"), (9_000, "2.5 h")]
)
def test_durations_are_short(seconds: float, words: str) -> None:
    assert duration(seconds) == words
