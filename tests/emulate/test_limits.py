"""Settings have ranges, and calls a limit a second."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from rewardctl.emulate.bucket import TokenBucket
from rewardctl.emulate.cache import BoundedCache
from rewardctl.emulate.service import Service
from rewardctl.emulate.settings import EmulatorSettings, EmulatorSettingsError, Fault
from tests.emulate.conftest import Connect, Held, Serve
from tests.emulate.material import body, converse_request
from tests.emulate.test_converse import post, stats


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_a_bucket_holds_a_second_and_fills_at_its_rate() -> None:
    clock = Clock()
    bucket = TokenBucket(4.0, clock)
    assert [bucket.take() for _ in range(5)] == [True] * 4 + [False]
    clock.now_s += 0.5  # two more
    assert [bucket.take() for _ in range(3)] == [True, True, False]
    clock.now_s += 60  # no more than it holds
    assert [bucket.take() for _ in range(5)] == [True] * 4 + [False]


def test_a_rate_below_one_lets_single_calls_through() -> None:
    clock = Clock()
    bucket = TokenBucket(0.5, clock)
    assert [bucket.take(), bucket.take()] == [True, False]
    clock.now_s += 2
    assert [bucket.take(), bucket.take()] == [True, False]


def test_no_rate_is_no_limit() -> None:
    bucket = TokenBucket(0.0, Clock())
    assert all(bucket.take() for _ in range(1000))


def test_calls_beyond_the_rate_are_throttled(serving: Serve, connect: Connect) -> None:
    url = serving(max_requests_per_s=0.2)
    client = connect(url)
    client.converse(**converse_request())
    with pytest.raises(client.exceptions.ThrottlingException):
        client.converse(**converse_request())
    assert stats(url)["outcomes"] == {"served": 1, "rate_limited": 1}


def test_a_call_beyond_the_rate_is_no_attempt() -> None:
    clock = Clock()
    limited = Service(EmulatorSettings(max_requests_per_s=1, server_error=0.5), clock)
    free = Service(EmulatorSettings(server_error=0.5), time.monotonic)
    seen = []
    for _ in range(10):
        seen.append(limited.answer("m", body()).outcome)
        assert limited.answer("m", body()).outcome == "rate_limited"
        clock.now_s += 1
    assert seen == [free.answer("m", body()).outcome for _ in range(10)]
    assert set(seen) == {"served", "server_error"}


def test_a_reset_starts_afresh(serving: Serve, connect: Connect) -> None:
    url = serving(server_error=0.5)
    client = connect(url)

    def run() -> list[str]:
        found = []
        for _ in range(6):
            try:
                found.append(client.converse(**converse_request())["stopReason"])
            except ClientError as error:
                found.append(error.response["Error"]["Code"])
        return found

    first, second = run(), run()
    assert post(url, "/__reset", b"")[0] == 200
    assert stats(url)["calls"] == 0
    assert run() == first
    assert first != second


def test_stats_add_up(serving: Serve, connect: Connect) -> None:
    url = serving(filtered=0.5, latency_s=0.01)
    client = connect(url)
    replies = [client.converse(**converse_request(system=[{"text": f"{n}"}])) for n in range(12)]
    found = stats(url)
    assert found["calls"] == found["distinct"] == sum(found["outcomes"].values()) == 12
    assert set(found["outcomes"]) == {"served", "filtered"}
    assert found["input_tokens"] == sum(reply["usage"]["inputTokens"] for reply in replies)
    assert found["output_tokens"] == sum(reply["usage"]["outputTokens"] for reply in replies)
    assert (found["in_flight"], found["max_concurrent"]) == (0, 1)


def test_calls_that_come_together_are_served_together(serving: Serve, connect: Connect, held: Held) -> None:
    held(16)  # one after another, none would be answered
    url = serving()
    client = connect(url, max_pool_connections=16, read_timeout=60)
    with ThreadPoolExecutor(16) as executor:
        list(executor.map(lambda _: client.converse(**converse_request()), range(16)))
    assert stats(url)["max_concurrent"] == 16


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"port": 70_000}, "port is 70000: allowed is a whole number from 0 to 65535"),
        ({"port": 1.5}, "port is 1.5: allowed is a whole number"),
        ({"latency_s": -1}, "latency_s is -1: allowed is a number from 0 to 600"),
        ({"latency_s": float("nan")}, "latency_s is nan"),
        ({"throttle": "much"}, "throttle is 'much': allowed is a number from 0 to 1"),
        ({"seed": True}, "seed is True"),
        ({"reasoning": 1}, "reasoning is 1: allowed are true and false"),
        ({"throttle": 2, "hang": -1}, "throttle is 2.*hang is -1"),
        ({"throttle": 0.6, "hang": 0.5}, "sum to more than 1: throttle 0.6, hang 0.5"),
    ],
)
def test_a_wrong_setting_is_named_with_what_is_allowed(values: dict[str, Any], message: str) -> None:
    with pytest.raises(EmulatorSettingsError, match=message):
        EmulatorSettings(**values)


def test_an_unknown_setting_is_refused() -> None:
    with pytest.raises(EmulatorSettingsError, match="no such setting: speed"):
        EmulatorSettings.from_dict({"speed": 1})


def test_settings_survive_json() -> None:
    settings = EmulatorSettings(latency_s=0.1, throttle=0.25, reasoning=True, seed=7)
    assert EmulatorSettings.from_dict(settings.to_dict()) == settings


def test_every_fault_has_its_share() -> None:
    assert set(EmulatorSettings().shares) == set(Fault)


def test_a_cache_forgets_what_was_not_asked_for_longest() -> None:
    made: list[str] = []
    cache = BoundedCache[str, str](max_cost=10, cost=lambda key, _: len(key))

    def make(key: str) -> str:
        made.append(key)
        return key.upper()

    def get(key: str) -> str:
        return cache.get(key, lambda: make(key))

    assert [get("aaaa"), get("bbbb"), get("aaaa")] == ["AAAA", "BBBB", "AAAA"]
    get("cccc")  # 12 is too much: b goes
    get("aaaa")
    get("bbbb")
    assert made == ["aaaa", "bbbb", "cccc", "bbbb"]
    get("x" * 11)  # too large to be kept, and drives nothing out
    get("aaaa")
    get("x" * 11)
    assert made[4:] == ["x" * 11, "x" * 11]


def test_an_outage_begins_and_ends_when_it_is_set_to() -> None:
    clock = Clock()
    service = Service(EmulatorSettings(outage_after_s=5.0, outage_s=20.0), clock)
    clock.now_s += 60.0  # its time begins with the first call
    outcomes = []
    for _ in range(4):  # at 0, 10, 20 and 30 s
        outcomes.append(service.answer("m", body()).outcome)
        clock.now_s += 10.0
    assert outcomes == ["served", "outage", "outage", "served"]
    assert service.attempts.distinct == 1
