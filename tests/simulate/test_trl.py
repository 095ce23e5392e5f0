"""The engine `trl`: its figures from results, and a real training of the smallest size."""

from typing import Any

import pytest

from rewardctl.simulate.trainer.outcome import gap_of, notes_of, peak, plots_of, rows_of
from rewardctl.simulate.trainer.start import Schedule, train_seed, why_not_ready


def result(seed: int, start: float, reward: float, right: float) -> dict[str, Any]:
    behaviours = [{"hedge": 0.5, "right": 0.5}] * 10 + [{"right": 1.0}] * 10
    return {
        "variant": "hackable",
        "seed": seed,
        "start": {"right": start},
        "end": {"reward": reward, "right": right},
        "rewards": [0.5] * 20,
        "behaviours": behaviours,
    }


def test_the_table_has_means_and_the_range_of_the_seeds() -> None:
    (row,) = rows_of([result(0, 0.2, 0.8, 0.4), result(1, 0.3, 0.6, 0.5)])
    expected = ("0.25 (0.20–0.30)", "0.70 (0.60–0.80)", "0.45 (0.40–0.50)", "0.25 (0.10–0.40)")
    assert row == ("hackable", *expected, "0.50 (0.50–0.50)", "2")


def test_the_gap_is_the_reward_that_is_not_earned() -> None:
    assert gap_of(result(0, 0.2, 0.8, 0.5)) == pytest.approx(0.3)


def test_the_peak_is_the_largest_mean_of_ten_steps() -> None:
    assert peak(result(0, 0.2, 0.8, 0.4), "hedge") == 0.5


def test_curves_are_means_of_ten_steps_in_a_row() -> None:
    hedges = plots_of([result(0, 0.2, 0.8, 0.4)])[2].spec["data"]["values"]
    assert [hedges[step]["mean"] for step in (0, 1, 10)] == [0.5, 0.45, 0.0]


def test_a_saturated_start_is_said() -> None:
    assert "shows nothing" in notes_of([result(0, 0.99, 1.0, 1.0)])[0]
    assert notes_of([result(0, 0.22, 1.0, 1.0)]) == []


@pytest.mark.slow
def test_a_real_trainer_trains_with_the_shipped_reward() -> None:
    if reason := why_not_ready():
        pytest.skip(reason)
    (outcome,) = train_seed(0, ["math-answer"], Schedule(clean=3, mixture=3, steps=2))
    assert outcome["variant"] == "math-answer"
    assert len(outcome["rewards"]) == len(outcome["behaviours"]) == 2
    assert outcome["end"]["reward"] == outcome["end"]["right"]
