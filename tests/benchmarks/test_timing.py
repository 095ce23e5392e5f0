"""Timing in turn, and what is told of it."""

import pytest

from benchmarks.timing import Cost, Side, Spread, interleave, ratio, spread


def recorded(names: list[str], **every: int) -> tuple[list[Side], list[str]]:
    """Sides that write their name down when they run."""
    ran: list[str] = []
    return [Side(n, lambda n=n: ran.append(n), every=every.get(n, 1)) for n in names], ran  # type: ignore[misc]


def test_sides_run_in_turn_and_every_other_round_in_reverse() -> None:
    sides, ran = recorded(["a", "b", "c"])
    interleave(sides, 3, lambda _: None)
    assert "".join(ran) == "abc" + "abc" + "cba" + "abc"  # the first three warm up


def test_a_costly_side_runs_only_every_so_many_rounds() -> None:
    sides, ran = recorded(["a", "b"], b=2)
    series = interleave(sides, 4, lambda _: None)
    assert list(series["b"]) == [0, 2]
    assert ran.count("b") == 3  # once to warm up


def test_warming_up_can_be_cheaper_than_a_run_and_is_not_timed() -> None:
    ran: list[str] = []
    side = Side("a", lambda: ran.append("run"), warm=lambda: ran.append("warm"))
    series = interleave([side], 1, lambda _: None)
    assert ran == ["warm", "run"]
    assert list(series["a"]) == [0]


def test_what_goes_before_a_run_goes_before_each() -> None:
    ran: list[str] = []
    side = Side("a", lambda: ran.append("run"), before=lambda: ran.append("before"), warm=lambda: None)
    interleave([side], 2, lambda _: None)
    assert ran == ["before", "run", "before", "run"]


def test_a_scaled_side_counts_for_all_that_it_stands_for(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter((10.0, 12.0))  # 2 s for an eighth of the calls: 16 s
    monkeypatch.setattr("time.perf_counter", lambda: next(clock))
    series = interleave([Side("a", lambda: None, scale=8, warm=lambda: None)], 1, lambda _: None)
    assert series["a"][0].wall_s == pytest.approx(16.0)


def test_a_ratio_is_taken_between_neighbours_in_time() -> None:
    series = {
        "a": {0: Cost(2.0, 0.0), 1: Cost(30.0, 0.0), 2: Cost(3.0, 0.0)},
        "b": {0: Cost(1.0, 0.0), 1: Cost(10.0, 0.0), 2: Cost(2.0, 0.0)},
    }
    # 2/1, 30/10, 3/2: the median is 2, though the slow round is slow for both
    assert ratio(series, "a", "b", "wall_s") == Spread(2.0, 1.5, 3.0, 3)


def test_a_round_that_measured_one_side_alone_makes_no_ratio() -> None:
    series = {"a": {0: Cost(2.0, 4.0), 1: Cost(9.0, 9.0)}, "b": {0: Cost(1.0, 1.0)}}
    assert ratio(series, "a", "b", "cpu_s") == Spread(4.0, 4.0, 4.0, 1)


def test_a_spread_shows_median_lowest_and_highest() -> None:
    series = {"a": {number: Cost(seconds, 0.0) for number, seconds in enumerate((0.3, 0.1, 0.25))}}
    assert spread(series, "a", "wall_s").text(2) == "0.25 (0.10 to 0.30)"
    assert spread(series, "a", "wall_s").text(0, scale=1000) == "250 (100 to 300)"


def test_a_single_value_needs_no_spread() -> None:
    assert Spread.of([1.5]).text(1) == "1.5"
