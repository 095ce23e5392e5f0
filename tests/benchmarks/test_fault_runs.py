"""Errors and losses under faults, counted by hand."""

import math
from collections.abc import Sequence

from benchmarks.fault_runs import Run
from benchmarks.material import Row
from reward_fn.types.result import Result

ROWS: list[Row] = [{"id": "a"}, {"id": "b"}, {"id": "c"}]


def run(rewards: Sequence[float], *, flagged: Sequence[int] = (), ids: str = "abc") -> Run:
    """A run over the three rows above."""
    results = tuple(
        Result(place, name, reward, (), imputed=place in flagged)
        for place, (name, reward) in enumerate(zip("abc", rewards, strict=True))
    )
    wire = tuple(
        {"id": name, "aggregate_reward_score": reward} for name, reward in zip(ids, rewards, strict=False)
    )
    return Run(results, wire, (), (), {})


CLEAN = run((0.9, 0.8, 0.2))


def test_errors_are_means_of_absolute_differences() -> None:
    faulty = run((0.5, 0.8, 0.5), flagged=(0, 2))
    # |0.5 - 0.9| = 0.4, 0, |0.5 - 0.2| = 0.3: 0.7 / 3 over all, 0.7 / 2 over the flagged
    assert math.isclose(faulty.error_at(CLEAN, range(3)), 0.7 / 3)
    assert math.isclose(faulty.error_at(CLEAN, faulty.flagged), 0.35)
    assert faulty.equal_to(CLEAN) == 1


def test_no_flagged_rollout_has_no_error_at_all() -> None:
    assert math.isnan(CLEAN.error_at(CLEAN, CLEAN.flagged))


def test_a_change_counts_as_unseen_only_without_a_flag() -> None:
    assert run((0.5, 0.8, 0.2), flagged=(0,)).changed_unseen(CLEAN) == 0
    assert run((0.5, 0.8, 0.2)).changed_unseen(CLEAN) == 1


def test_all_in_order_is_no_loss() -> None:
    assert CLEAN.misplaced(ROWS) == 0


def test_two_answers_in_each_others_place_are_two_losses() -> None:
    assert run((0.9, 0.8, 0.2), ids="bac").misplaced(ROWS) == 2


def test_a_missing_answer_is_a_loss() -> None:
    assert run((0.9, 0.8, 0.2), ids="ab").misplaced(ROWS) == 1


def test_a_reward_that_is_no_number_in_range_is_a_loss() -> None:
    assert run((math.nan, 1.5, 0.2)).misplaced(ROWS) == 2
