"""Who loses a cell of the pacing matrix, and what the outages section counts, worked out by hand."""

import json
from itertools import pairwise

import pytest

from benchmarks.outages import NEVER_S, recovery
from benchmarks.pacing_cells import Cell
from benchmarks.pacing_jobs import POISON, Batch, Job, Run, Shape
from benchmarks.pacing_regimes import Regime, regimes
from benchmarks.pacing_sides import ADAPTIVE, OURS, PLAIN, SIDES, unscored_places
from benchmarks.pacing_worker import JumpingClock, make_batches
from benchmarks.results import BenchmarkError
from benchmarks.size import FULL, QUICK, TINY
from reward_fn.types.result import Result
from rewardctl.emulate import EmulatorSettings


def run(total_s: float, unscored: int = 0, *, served: float = 0.0) -> Run:
    """One batch of 64; so many calls a second are served all the time."""
    seen = tuple((at_s, {"served": int(served * at_s)}) for at_s in (0.0, 20.0, 60.0))
    return Run(([Batch(0.0, total_s, 64, unscored)],), seen)


def cell(ours: Run, plain: Run, adaptive: Run, *, quota_per_s: float = 0.0) -> Cell:
    """With 55 s for a batch."""
    regime = Regime("any", EmulatorSettings(), Shape(), quota_per_s)
    return Cell(regime, 55.0, {OURS: ours, PLAIN: plain, ADAPTIVE: adaptive}, warm_s=20.0, until_s=60.0)


@pytest.mark.parametrize(
    ("ours", "plain", "adaptive", "losses"),
    [
        (run(11), run(10), run(30), ()),  # 1.1 times is allowed
        (run(11.1), run(10), run(30), ("time",)),
        (run(10, 1), run(10), run(30), ("unscored",)),
        (run(30, 1), run(10), run(30), ("time", "unscored")),
        (run(11), run(30), run(10), ()),  # either of the others may be the best
        (run(11), run(20), run(5, 3), ()),  # rollouts left unscored win no time
        (run(33.1), run(30, 1), run(5, 3), ("time",)),  # where both left more, it is the one that left less
        (run(33.1, 2), run(30, 1), run(5, 3), ("time", "unscored")),
        (run(5, 5), run(20, 5), run(30, 5), ()),  # as many as the others: the time is that of the faster
    ],
)
def test_ours_loses_by_time_or_by_rollouts(
    ours: Run, plain: Run, adaptive: Run, losses: tuple[str, ...]
) -> None:
    assert cell(ours, plain, adaptive).losses == losses


def test_under_a_shared_quota_time_is_that_of_as_many_calls() -> None:
    # All work for as long, so totals say nothing: 90 served a second take 100/90 = 1.11 times as long as 100.
    shared = cell(run(60, served=90), run(80, served=100), run(60, served=50), quota_per_s=100)
    assert shared.ratio == pytest.approx(100 / 90)
    assert shared.losses == ("time",)


def test_calls_are_counted_between_two_looks() -> None:
    seen = ((100.0, {"served": 0}), (110.0, {"served": 50}), (120.0, {"served": 130, "rate_limited": 20}))
    watched = Run(([Batch(100.0, 118.0, 64, 0)],), seen)
    assert watched.served_between(5.0, 25.0) == pytest.approx((130 - 50) / 10)
    assert watched.served_between(15.0, 25.0) == 0.0  # a single look is no rate
    assert (watched.calls, watched.rejected) == (150, 20)


def test_the_full_matrix_has_every_regime_and_time() -> None:
    rows = regimes(FULL)
    shares = {row.settings.throttle for row in rows}
    assert shares == {0.0, 0.1, 0.33, 0.5}
    assert {row.settings.max_requests_per_s for row in rows} >= {200, 30, 8, 100}
    for setting in ("max_tokens_per_min", "halved_s", "outage_s", "storm_share"):
        assert any(getattr(row.settings, setting) for row in rows), setting
    shapes = [row.shape for row in rows if row.quota_per_s]
    assert [(s.processes * s.environments, s.rollouts) for s in shapes] == [(12, 64), (100, 1)]
    assert FULL.pacing_times_s == (12.0, 55.0, 300.0)


@pytest.mark.parametrize("size", [QUICK, TINY])
def test_the_smaller_sizes_name_regimes_that_there_are(size: object) -> None:
    names = {row.name for row in regimes(FULL)}
    assert isinstance(size, type(FULL))
    assert set(size.pacing_regimes) <= names
    assert regimes(size)


def test_poisoned_rollouts_are_spread_and_still_valid_answers() -> None:
    job = Job("any", OURS, EmulatorSettings(), 60.0, Shape(rollouts=16, rounds=2), poisoned=3)
    assert list(job.places_poisoned()) == [0, 5, 10]
    for batch in make_batches(job, 1):
        texts = [row["messages"][-1]["content"] for row in batch]
        assert [place for place, text in enumerate(texts) if POISON in text] == [0, 5, 10]
        assert all(json.loads(text)["comments"] for text in texts)


def test_batches_share_no_rollout() -> None:
    batches = make_batches(Job("any", OURS, EmulatorSettings(), 60.0, Shape(rollouts=8, rounds=3)))
    ids = [{row["id"] for row in batch} for batch in batches]
    assert [len(each) for each in ids] == [8, 8, 8]
    assert not any(one & next_one for one, next_one in pairwise(ids))


def test_environments_share_no_rollout_where_contents_decide() -> None:
    job = Job("any", OURS, EmulatorSettings(), 60.0, Shape(2, 2, rollouts=4, rounds=2))
    ids = [row["id"] for number in range(4) for batch in make_batches(job, number) for row in batch]
    assert len(set(ids)) == len(ids) == 4 * 2 * 4


def test_a_total_is_the_mean_over_environments() -> None:
    batches = ([Batch(0.0, 4.0, 64, 0), Batch(4.0, 10.0, 64, 32)], [Batch(1.0, 21.0, 64, 0)])
    both = Run(batches, ())
    assert both.total_s == pytest.approx((10 + 20) / 2)
    assert both.served_per_s == pytest.approx((64 + 32 + 64) / 2 / 15)
    assert (both.longest_s, both.begun_s) == (20.0, 1.0)


def test_a_first_batch_can_have_a_time_of_its_own() -> None:
    job = Job("any", OURS, EmulatorSettings(), 60.0, first_time_s=4.0)
    assert [job.time_of(number) for number in range(3)] == [4.0, 60.0, 60.0]


def test_a_rollout_is_unscored_without_its_own_result_in_its_place() -> None:
    rows = [{"id": name} for name in "abcd"]
    results = [Result(0, "a", 0.5, ()), Result(1, "x", 0.5, ()), Result(2, "c", 0.5, (), imputed=True)]
    assert unscored_places(rows, results) == {1, 2, 3}


def test_a_clock_can_jump_ahead() -> None:
    clock = JumpingClock()
    before_s = clock()
    clock.ahead_s += 3600.0
    assert clock() >= before_s + 3600.0


def gone(*ends: list[tuple[float, int]], outage: int = 40) -> Run:
    """Batches of 8 of each environment, by end and unscored. All begin at 99 s; so many calls met a 503."""
    batches = tuple([Batch(99.0, end_s, 8, left) for end_s, left in each] for each in ends)
    return Run(batches, ((99.0, {}), (200.0, {"outage": outage})))


def test_recovery_ends_when_the_last_environment_scores_a_whole_batch() -> None:
    # The judge is back at 99 + 21 = 120 s; the first environment scores again at 121.5 s, the other at 123 s.
    found = gone([(119.0, 0), (120.5, 8), (121.5, 0)], [(119.0, 8), (123.0, 0), (124.0, 0)])
    assert recovery(found, 21.0) == pytest.approx(3.0)


def test_an_environment_that_never_scores_again_has_not_recovered() -> None:
    assert recovery(gone([(119.0, 0), (121.0, 3)], [(121.0, 0)]), 21.0) == NEVER_S


def test_an_outage_that_met_no_call_is_no_measurement() -> None:
    with pytest.raises(BenchmarkError, match="no call fell into the outage"):
        recovery(gone([(119.0, 0), (121.0, 0)], outage=0), 21.0)


def test_three_sides_are_compared() -> None:
    assert SIDES == (OURS, PLAIN, ADAPTIVE)
