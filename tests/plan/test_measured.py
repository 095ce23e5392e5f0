"""What a run says about its judge: parts of shared calls, failures, offline judges."""

from typing import Any

import pytest

from rewardctl.plan.callers import CALLERS
from rewardctl.plan.judging import attempts_a_question, cached_share
from rewardctl.plan.measured import Measured, measured_in
from rewardctl.plan.request import PlanRequest
from rewardctl.plan.sizes import Sizes


def call(**fields: Any) -> dict[str, Any]:
    usual = {
        "shared_by": 1, "model": "us.amazon.nova-2-lite-v1:0", "latency_s": 2.0, "input_tokens": 100,
        "output_tokens": 30, "cache_read_tokens": 0, "cache_write_tokens": 0, "failure": None,
    }  # fmt: skip
    return {**usual, **fields}


def found(*calls: dict[str, Any]) -> Measured:
    measured = measured_in([{"calls": [each]} for each in calls])
    assert measured is not None
    return measured


def test_a_call_that_two_rollouts_share_counts_once() -> None:
    shared = call(shared_by=2, input_tokens=300)
    measured = found(shared, shared, call())
    assert measured.calls == 2
    assert measured.input_tokens == 200, "300 and 100"
    assert measured.by_model == {"us.amazon.nova-2-lite-v1:0": 2}


def test_tokens_of_a_prompt_cache_are_input_too() -> None:
    measured = found(call(input_tokens=10, cache_read_tokens=60, cache_write_tokens=30))
    assert (measured.input_tokens, measured.cached_tokens, measured.output_tokens) == (100, 60, 30)


def test_a_failed_attempt_is_a_call_without_tokens_or_latency() -> None:
    measured = found(call(failure="throttled", input_tokens=0, latency_s=0.01), call(), call(latency_s=4.0))
    assert (measured.calls, measured.failed, measured.latency_s) == (3, 1, 3.0)
    assert measured.input_tokens == 100
    assert attempts_a_question(measured) == 1.5
    assert attempts_a_question(None) == 1.0


@pytest.mark.parametrize("model", ["stand-in", "yes", "minilm-0123456789ab", "replay:runs/a"])
def test_a_judge_without_a_language_model_measures_nothing(model: str) -> None:
    assert measured_in([{"calls": [call(model=model)]}, {"calls": []}, {}]) is None
    assert found(call(model=model), call()).calls == 1


def test_calls_that_all_failed_measure_nothing() -> None:
    assert measured_in([{"calls": [call(failure="denied")]}]) is None


SIZES = Sizes(questions=1, input=1000.0, prefix=800.0, usual=50.0, most=100.0)


def test_all_but_one_of_a_groups_calls_in_an_invocation_read_the_prefix() -> None:
    batches = PlanRequest("reasoning", CALLERS["serverless"])
    # eight siblings: seven read 80 % of their input, one writes it
    assert cached_share(batches, SIZES, None) == pytest.approx((0.7, 0.1))
    alone = PlanRequest("reasoning", CALLERS["hyperpod"])
    assert cached_share(alone, SIZES, None) == (0.0, 0.0)


def test_a_measured_share_holds_and_a_given_one_before_it() -> None:
    measured = found(call(input_tokens=400, cache_read_tokens=600))
    request = PlanRequest("reasoning", CALLERS["hyperpod"])
    assert cached_share(request, SIZES, measured) == pytest.approx((0.6, 0.2))
    given = PlanRequest("reasoning", CALLERS["hyperpod"], cached_share=0.9)
    assert cached_share(given, SIZES, measured) == pytest.approx((0.9, 0.0))
