"""A result that must not be sent becomes a neutral one that says so; every other result stays as it is."""

import math

import pytest

from reward_fn.score.sound import sound, why_unsound
from reward_fn.types.result import Metric, Result
from reward_fn.types.unscored import Reason, Unscored
from tests.unit.rubric import criterion, definition

SERVED = definition(criterion("A"), low=-1.0, high=3.0)
NAN = float("nan")


def result(reward: float, *metrics: Metric) -> Result:
    return Result(7, "id", reward, metrics, reasons=(Unscored(Reason.CHECK_FAILED, "length"),))


@pytest.mark.parametrize("reward", [-1.0, 0.0, 3.0])
def test_a_result_in_range_with_finite_metrics_stays_as_it_is(reward: float) -> None:
    sent = result(reward, Metric("A", 0.5), Metric("imputed", 0.0))
    assert sound(sent, SERVED) is sent
    assert why_unsound(sent, SERVED) == ""


@pytest.mark.parametrize("reward", [-1.001, 3.001, NAN, math.inf, -math.inf])
def test_a_reward_out_of_range_becomes_the_middle_of_the_range(reward: float) -> None:
    mended = sound(result(reward, Metric("A", 0.5), Metric("imputed", 0.0)), SERVED)
    assert (mended.index, mended.id, mended.reward, mended.imputed) == (7, "id", 1.0, True)
    assert mended.metrics == (Metric("A", 0.5), Metric("imputed", 1.0))
    wrong = Unscored(Reason.INTERNAL_ERROR, f"reward {reward} is not in the definition's range")
    assert mended.reasons == (Unscored(Reason.CHECK_FAILED, "length"), wrong)


def test_a_metric_that_is_not_finite_is_dropped_named_and_costs_the_reward() -> None:
    mended = sound(result(2.0, Metric("A", NAN), Metric("B", math.inf), Metric("imputed", 0.0)), SERVED)
    assert (mended.reward, mended.imputed) == (1.0, True)
    assert mended.metrics == (Metric("imputed", 1.0),)
    assert mended.reasons[-1] == Unscored(Reason.INTERNAL_ERROR, "metrics ['A', 'B'] are not finite")
