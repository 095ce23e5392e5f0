"""The time of a step: pools that are played through, with latencies from which the end follows by hand."""

from dataclasses import replace
from statistics import fmean
from typing import Any

import pytest

from rewardctl.plan.callers import CALLERS
from rewardctl.plan.timing import PROCESSOR_MB, WORK_S, drawn_from, lognormal, makespan, step_time

WHOLE: dict[str, Any] = {"workers": 64, "memory_mb": PROCESSOR_MB, "overhead_s": 0.0}


def test_each_worker_takes_the_next_task_when_it_is_free() -> None:
    # two workers: 3 | 1, then 1 beside it, then 2 at 2: the ends are 3 and 4
    assert makespan([3.0, 1.0, 1.0, 2.0], 2) == 4.0
    assert makespan([3.0, 1.0, 1.0, 2.0], 1) == 7.0
    assert makespan([3.0, 1.0], 9) == 3.0
    assert makespan([], 2) == 0.0


def test_the_latencies_have_the_mean_and_no_spread_makes_them_equal() -> None:
    draw = lognormal(2.0, 0.5)
    assert fmean(draw() for _ in range(20_000)) == pytest.approx(2.0, rel=0.02)
    assert {lognormal(2.0, 0.0)() for _ in range(3)} == {2.0}


def test_measured_latencies_are_drawn_as_they_were() -> None:
    draw = drawn_from([1.0, 3.0])
    drawn = [draw() for _ in range(2_000)]
    assert set(drawn) == {1.0, 3.0}
    assert fmean(drawn) == pytest.approx(2.0, rel=0.1)


def test_rollouts_that_come_alone_take_as_many_rounds_as_the_concurrency_allows() -> None:
    shape = replace(CALLERS["hyperpod"], batch_size=30, generations=8, concurrency=100)
    time = step_time(shape, 1.0, lognormal(2.0, 0.0), **WHOLE)
    # 240 invocations through 100 places: three rounds of 2 s, and the work of one call each
    assert time.step_s == pytest.approx(3 * (2.0 + WORK_S))
    assert time.mean_call_s == time.slowest_call_s == pytest.approx(2.0 + WORK_S)
    assert time.calls_s == pytest.approx(240 * (2.0 + WORK_S))


def test_a_batch_takes_its_calls_in_rounds_of_the_workers_and_its_work_on_top() -> None:
    shape = replace(CALLERS["instances"], batch_size=64, generations=2, concurrency=1, rollouts_a_call=64)
    time = step_time(shape, 1.0, lognormal(1.0, 0.0), workers=32, memory_mb=PROCESSOR_MB // 2, overhead_s=0.5)
    # two batches of 64 one after the other: two rounds of 1 s each, 64 calls' work at half a processor
    work_s = 64 * WORK_S / (PROCESSOR_MB // 2 / PROCESSOR_MB)
    assert time.step_s == pytest.approx(2 * (0.5 + 2.0 + work_s))


def test_rollouts_that_end_at_a_gate_take_no_call() -> None:
    shape = replace(CALLERS["hyperpod"], batch_size=10, generations=10, concurrency=1)
    time = step_time(shape, 0.25, lognormal(1.0, 0.0), **WHOLE)
    assert time.step_s == pytest.approx(25 * (1.0 + WORK_S))
    nobody = step_time(shape, 0.0, lognormal(1.0, 0.0), **WHOLE)
    assert nobody.step_s == 0.0


def test_more_memory_than_a_processor_makes_the_work_no_faster() -> None:
    shape = replace(CALLERS["instances"], steps=1)
    at = [
        step_time(shape, 1.0, lognormal(1.0, 0.0), workers=64, memory_mb=mb, overhead_s=0.0).step_s
        for mb in (1024, 1769, 3538)
    ]
    assert at[0] > at[1] == at[2]


def test_the_last_invocation_may_be_smaller() -> None:
    shape = replace(CALLERS["instances"], batch_size=10, generations=3, rollouts_a_call=20)
    assert shape.invocations_a_step == 2
    time = step_time(shape, 1.0, lognormal(1.0, 0.0), **WHOLE)
    assert time.calls_s == pytest.approx(2 * 1.0 + 30 * WORK_S)
