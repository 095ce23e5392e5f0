"""Quotas in requests and in tokens, halved, and shared with others: on a clock that the test sets."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from rewardctl.emulate.bucket import TokenBucket
from rewardctl.emulate.quota import MAX_TOKENS_UNSET, burndown, lost_until, reserved_tokens
from rewardctl.emulate.service import Service
from rewardctl.emulate.settings import EmulatorSettings
from tests.emulate.conftest import Connect, Serve
from tests.emulate.material import body, converse_request
from tests.emulate.test_limits import Clock

NOVA = "us.amazon.nova-2-lite-v1:0"
CLAUDE = "us.anthropic.claude-haiku-4-5-20251001-v1:0"


def outcomes(service: Service, count: int, model: str = NOVA, **more: Any) -> list[str]:
    """What so many different calls meet that come at once."""
    return [
        service.answer(model, body(system=[{"text": f"Examiner {n}"}], **more)).outcome for n in range(count)
    ]


def of_tokens(max_tokens: int) -> dict[str, Any]:
    """The part of a request that limits its answer."""
    return {"inferenceConfig": {"maxTokens": max_tokens}}


def test_a_correction_takes_effect_when_its_time_comes() -> None:
    clock = Clock()
    bucket = TokenBucket(1.0, clock, capacity=10.0)
    assert bucket.take(10)
    bucket.correct(5, clock.now_s + 2)
    clock.now_s += 1.9  # 1.9 have come in
    assert not bucket.take(2)
    clock.now_s += 0.1  # 2 by then, and 5 back
    assert bucket.take(7)
    assert not bucket.take(0.5)


def test_what_a_call_used_beyond_its_share_is_taken_afterwards() -> None:
    clock = Clock()
    bucket = TokenBucket(1.0, clock, capacity=10.0)
    assert bucket.take(4)
    bucket.correct(-20, clock.now_s)  # 6 were left: 14 are owed
    clock.now_s += 14
    assert not bucket.take(1)
    clock.now_s += 1
    assert bucket.take(1)


def test_a_call_reserves_its_input_and_all_of_max_tokens() -> None:
    content = body(**of_tokens(700))
    assert reserved_tokens(content) == len(content) // 4 + 700


def test_a_call_without_max_tokens_reserves_the_models_maximum() -> None:
    content = body(inferenceConfig={})
    assert reserved_tokens(content) == len(content) // 4 + MAX_TOKENS_UNSET


@pytest.mark.parametrize(
    "content", [b"", b"[1]", b'{"inferenceConfig": 3}', b'{"inferenceConfig":{"maxTokens":"x"}}']
)
def test_what_is_no_request_reserves_nothing(content: bytes) -> None:
    assert reserved_tokens(content) == 0


def test_output_burns_five_times_on_claude_and_once_on_nova() -> None:
    older = "anthropic.claude-3-5-haiku-20241022-v1:0"
    assert [burndown(model) for model in (CLAUDE, NOVA, older)] == [5, 1, 1]


def test_a_large_max_tokens_is_throttled_where_a_small_one_is_served() -> None:
    # The input is about 1,050 tokens. Of 10,000, three calls that reserve 3,050 fit, and four of 1,650.
    settings = EmulatorSettings(max_tokens_per_min=10_000, latency_s=1.0)
    assert outcomes(Service(settings, Clock()), 4, **of_tokens(2_000)).count("served") == 3
    assert outcomes(Service(settings, Clock()), 4, **of_tokens(600)).count("served") == 4


def test_what_was_reserved_and_not_used_comes_back_at_the_calls_end() -> None:
    clock = Clock()
    service = Service(EmulatorSettings(max_tokens_per_min=10_000, latency_s=1.0), clock)
    assert outcomes(service, 4, **of_tokens(2_000))[-1] == "rate_limited"
    clock.now_s += 0.9  # the calls are still under way, and 150 tokens came in
    assert outcomes(service, 1, **of_tokens(2_000)) == ["rate_limited"]
    clock.now_s += 0.2
    assert outcomes(service, 1, **of_tokens(2_000)) == ["served"]


def used_after(model: str) -> int:
    """Tokens of quota that one call uses in all: the largest reservation that fits afterwards tells."""
    content = body(**of_tokens(1_000))
    for wanted in range(9_000, 0, -10):
        clock = Clock()
        service = Service(EmulatorSettings(max_tokens_per_min=10_000, latency_s=0.001), clock)
        assert service.answer(model, content).outcome == "served"
        clock.now_s += 0.001
        if service.answer(model, body(**of_tokens(wanted))).outcome != "rate_limited":
            return 10_000 - wanted - len(body(**of_tokens(wanted))) // 4
    raise AssertionError("nothing fits")


def test_claude_uses_up_four_times_the_output_more() -> None:
    reply = json.loads(Service(EmulatorSettings(), Clock()).answer(NOVA, body(**of_tokens(1_000))).body)
    difference = used_after(CLAUDE) - used_after(NOVA)
    assert abs(difference - 4 * reply["usage"]["outputTokens"]) <= 10


def test_a_failed_call_uses_up_no_tokens() -> None:
    clock = Clock()
    service = Service(EmulatorSettings(max_tokens_per_min=5_000, server_error=1.0), clock)
    for _ in range(5):
        assert outcomes(service, 1, **of_tokens(3_000)) == ["server_error"]
        clock.now_s += 0.001


def test_a_quota_is_halved_for_a_while() -> None:
    settings = EmulatorSettings(halved_after_s=10, halved_s=4)
    lost = [lost_until(settings, age_s) for age_s in (10, 12, 14, 100)]
    assert lost == [0, 1, 2, 2]  # half of each second from 10 to 14


def test_others_take_their_share_at_the_end_of_each_period() -> None:
    settings = EmulatorSettings(storm_every_s=10, storm_s=4, storm_share=0.5)
    lost = [lost_until(settings, age_s) for age_s in (6, 8, 10, 16, 20)]
    assert lost == [0, 1, 2, 2, 4]  # from 6 to 10 and from 16 to 20


def test_a_halved_quota_lets_half_as_many_calls_through() -> None:
    clock = Clock()
    service = Service(EmulatorSettings(max_requests_per_s=8, halved_after_s=2, halved_s=2), clock)
    served = []
    for _ in range(5):  # at 0, 1, 2, 3 and 4 s
        served.append(outcomes(service, 10).count("served"))
        clock.now_s += 1
    assert served == [8, 8, 8, 4, 4]


def test_throttles_name_the_time_to_wait_where_they_are_told_to(serving: Serve, connect: Connect) -> None:
    for settings in ({"throttle": 1.0}, {"max_tokens_per_min": 1.0}):
        client = connect(serving(**settings, retry_after_s=2.5))
        with pytest.raises(ClientError) as caught:
            client.converse(**converse_request())
        headers = caught.value.response["ResponseMetadata"]["HTTPHeaders"]
        assert headers["retry-after"] == "2.5"


def test_without_that_setting_and_for_other_errors_no_time_is_named(serving: Serve, connect: Connect) -> None:
    for settings in ({"throttle": 1.0}, {"server_error": 1.0, "retry_after_s": 2.5}):
        with pytest.raises(ClientError) as caught:
            connect(serving(**settings)).converse(**converse_request())
        assert "retry-after" not in caught.value.response["ResponseMetadata"]["HTTPHeaders"]
