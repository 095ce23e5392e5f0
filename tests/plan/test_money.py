"""The price of a judge in each way of paying, worked out by hand, and the quota of its calls."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from reward_fn.judge.models.prices import load_prices
from rewardctl.plan.money import JudgePlan, Share, judge_plan, quota_of
from rewardctl.plan.sizes import Sizes
from tests.unit.rubric import criterion, judge_spec

SPEC = replace(judge_spec(criterion("Sound")), models=("global.amazon.nova-2-lite-v1:0",))
SIZES = Sizes(questions=1, input=2000.0, prefix=1500.0, usual=100.0, most=300.0)


@pytest.fixture(autouse=True)
def _listed_prices() -> Iterator[None]:
    yield
    load_prices([])


def planned(share: Share = Share(), **changes: Any) -> JudgePlan:  # noqa: B008 - a tuple
    return judge_plan("mine", replace(SPEC, **changes), 1_000_000, SIZES, share)


def test_a_million_calls_of_nova_2_lite() -> None:
    plan = planned(Share(0.6, 0.1))
    assert plan.calls == (1_000_000, 1_000_000)
    assert plan.input_tokens[0] == 2_000_000_000
    assert plan.output_tokens == (100_000_000, 300_000_000)
    # 2,000 million tokens at 0.30 dollars; 100 to 300 million at 2.50
    assert plan.usd("default") == pytest.approx((600 + 250, 600 + 750))
    assert plan.usd("flex") == pytest.approx((425, 675))
    assert plan.usd("priority") == pytest.approx((850 * 1.75, 1350 * 1.75))
    assert plan.usd("batch") == pytest.approx((425, 675))
    # 60 % read at a quarter of the price, 10 % written at the whole price
    assert plan.usd("cached") == pytest.approx((600 * (0.3 + 0.6 / 4 + 0.1) + 250, 330 + 750))


def test_a_way_that_a_judge_does_not_offer_has_no_price() -> None:
    assert planned().usd("cached") is None, "nothing is read from a cache"
    haiku = planned(Share(0.6, 0.1), models=("medium-claude",))
    assert haiku.usd("flex") is None
    assert haiku.usd("cached") is None, "1,500 tokens are less than its cache needs"
    server = planned(models=("openai:m@http://127.0.0.1:8000/v1",))
    assert (server.usd("flex"), server.usd("batch")) == (None, None)
    assert server.usd("default") == (0.0, 0.0)
    assert not server.models[0].priced


def test_an_hour_in_the_cache_makes_writing_dearer(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = replace(SIZES, prefix=5000.0)
    spec = replace(SPEC, models=("global.anthropic.claude-haiku-4-5-20251001-v1:0",))
    usual = judge_plan("mine", spec, 1000, sizes, Share(0.5, 0.5)).usd("cached")
    monkeypatch.setenv("PROMPT_CACHE_TTL", "1h")
    hour = judge_plan("mine", spec, 1000, sizes, Share(0.5, 0.5)).usd("cached")
    assert usual
    assert hour
    # a million tokens written, at 2 dollars in place of 1.25
    assert hour[0] - usual[0] == pytest.approx(0.75)


def test_a_price_that_is_set_holds_in_every_tier(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUDGE_PRICES", "global.amazon.nova-2-lite-v1:0=1/0")
    plan = planned()
    assert plan.usd("default") == plan.usd("flex") == pytest.approx((2000, 2000))


def test_a_second_opinion_is_in_the_higher_figure_alone_and_a_fallback_in_none() -> None:
    plan = planned(models=("medium", "medium-claude"), escalate="heavyweight", votes=2)
    assert [(model.role, model.calls) for model in plan.models] == [
        ("voter", 2_000_000), ("fallback", 2_000_000), ("escalation", 1_000_000),
    ]  # fmt: skip
    assert plan.calls == (2_000_000, 3_000_000)
    assert plan.input_tokens == (4_000_000_000, 6_000_000_000)
    usd = plan.usd("default")
    assert usd is not None
    # two votes at 0.33 and 2.75; the second opinion at 0.80 and 3.20
    assert usd[0] == pytest.approx(2 * (660 + 275))
    assert usd[1] == pytest.approx(2 * (660 + 825) + 1600 + 960)


def test_the_quota_is_that_of_the_calls_in_flight_or_of_the_fullest_minute() -> None:
    # 100 calls at once, 2 s each: 3,000 a minute, unless there are only 1,200
    assert quota_of("medium", 100, 1e9, 2.0, SIZES).requests == 3000
    quota = quota_of("medium", 100, 1200, 2.0, SIZES)
    assert (quota.requests, quota.reserved, quota.tokens) == (1200, 2300, 1200 * 2300)


def test_claude_pays_five_tokens_of_its_quota_for_each_that_it_writes() -> None:
    # five times the usual 100 are more than the 300 that were reserved
    claude = quota_of("us.anthropic.claude-haiku-4-5-20251001-v1:0", 1, 60, 1.0, SIZES)
    assert claude.reserved == 2500
