"""What an invocation may cost, and what a call costs by the list."""

from dataclasses import replace

import pytest

from reward_fn.errors import JudgeFailure
from reward_fn.judge.base import Question
from reward_fn.judge.budget import Budget
from reward_fn.judge.models import TIERS
from reward_fn.judge.prices import dearest, is_listed, price_of
from reward_fn.rubric import Reason

NOVA_PRO = "us.amazon.nova-pro-v1:0"  # 0.80 and 3.20 dollars for a million tokens
QUESTION = Question("s" * 296, "", "", {}, (), {}, max_tokens=1000, key="k")
# 296 characters and the 2 of "{}" at 3 a token are 99 tokens: 99 x 0.8e-6 + 1000 x 3.2e-6 dollars at the most
MOST_USD = 99 * 0.8e-6 + 1000 * 3.2e-6


def test_a_call_costs_its_tokens_at_the_listed_price() -> None:
    assert price_of(NOVA_PRO).of(1_000_000, 1_000_000) == pytest.approx(4.0)


def test_a_geographys_prefix_costs_a_tenth_more_where_the_list_says_so() -> None:
    assert price_of("us.amazon.nova-2-lite-v1:0").input_usd == pytest.approx(0.33e-6)
    assert price_of("global.amazon.nova-2-lite-v1:0").input_usd == pytest.approx(0.30e-6)


@pytest.mark.parametrize(
    "name", [f"us-west-2/{NOVA_PRO}", f"arn:aws:bedrock:us-west-2:1:inference-profile/{NOVA_PRO}"]
)
def test_a_region_or_an_arn_does_not_hide_the_model(name: str) -> None:
    assert price_of(name) == price_of(NOVA_PRO)


def test_every_tier_is_listed() -> None:
    assert [model for model in TIERS.values() if not is_listed(model)] == []


def test_an_unknown_model_costs_what_the_dearest_does() -> None:
    assert price_of("example.unheard-of-v1:0") == dearest()
    assert dearest().output_usd == pytest.approx(27.5e-6)  # 25 dollars and a tenth


def test_no_call_begins_that_could_take_it_over_the_cap() -> None:
    budget = Budget(2.5 * MOST_USD)
    held = [budget.hold(QUESTION, NOVA_PRO) for _ in range(2)]
    assert held == pytest.approx([MOST_USD] * 2)
    with pytest.raises(JudgeFailure) as caught:
        budget.hold(QUESTION, NOVA_PRO)
    assert (caught.value.reason, caught.value.final) == (Reason.BUDGET, True)


def test_what_a_call_did_not_use_is_free_again() -> None:
    budget = Budget(1.5 * MOST_USD)
    budget.settle(budget.hold(QUESTION, NOVA_PRO), NOVA_PRO, 50, 10)
    assert budget.spent_usd == pytest.approx(50 * 0.8e-6 + 10 * 3.2e-6)
    assert budget.hold(QUESTION, NOVA_PRO) == pytest.approx(MOST_USD)


def test_without_a_cap_cost_is_counted_and_nothing_is_refused() -> None:
    budget = Budget()
    for _ in range(100):
        budget.settle(budget.hold(replace(QUESTION, max_tokens=10**9), NOVA_PRO), NOVA_PRO, 0, 1_000_000)
    assert budget.spent_usd == pytest.approx(320.0)
