"""Warming: as many environments as calls that are in flight at once, counted by Lambda's own log."""

import threading

import pytest

from rewardctl.cloud.clients import connect
from rewardctl.cloud.errors import CloudError
from rewardctl.cloud.target import parse_target
from rewardctl.cloud.warming import EVENT, MAX_WAVES, warm
from tests.cloud.account import ARN, Account
from tests.cloud.test_errors import call

TARGET = parse_target(ARN)
COLD = "REPORT RequestId: r-1 Duration: 2.1 ms Memory Size: 1769 MB Init Duration: 512.25 ms"
COLD_JSON = (
    '{"type": "platform.report", "record": {"metrics": {"durationMs": 2.1, "initDurationMs": 512.25}}}'
)
WARM = "REPORT RequestId: r-1 Duration: 2.1 ms Memory Size: 1769 MB"


def empty(_: bytes) -> bytes:
    return b"[]"


@pytest.fixture(autouse=True)
def _empty_batch(account: Account) -> None:
    account.function = empty


@pytest.mark.parametrize("line", [COLD, COLD_JSON])
def test_one_wave_is_enough_where_every_call_starts_an_environment(account: Account, line: str) -> None:
    account.log = lambda _: line
    found = warm(connect(), TARGET, 8, lambda _: None)
    assert (found.started, found.is_full, len(found.waves)) == (8, True, 1)
    assert found.waves[0].longest_init_s == pytest.approx(0.51225)


def test_all_calls_of_a_wave_are_in_flight_at_once(account: Account) -> None:
    # Each call returns only after all twelve have begun: with fewer at once the barrier would break.
    together = threading.Barrier(12)

    def held(payload: bytes) -> bytes:
        together.wait(10)
        return empty(payload)

    account.function, account.log = held, lambda _: COLD
    assert warm(connect(), TARGET, 12, lambda _: None).started == 12


def test_it_goes_on_until_as_many_were_started(account: Account) -> None:
    # Six a wave; the first two waves start three each: 3 + 3 = 6.
    account.log = lambda number: COLD if number % 2 else WARM
    said: list[str] = []
    found = warm(connect(), TARGET, 6, said.append)
    assert [wave.started for wave in found.waves] == [3, 3]
    assert found.is_full
    assert said[0] == "  wave 1: 6 calls at once, 3 environments started"


def test_a_wave_that_starts_none_is_the_last(account: Account) -> None:
    account.log = lambda _: WARM
    found = warm(connect(), TARGET, 6, lambda _: None)
    assert (found.started, len(found.waves)) == (0, 1)
    assert account.invocations == 6


def test_the_waves_have_an_end(account: Account) -> None:
    # One start in each wave of ten never reaches ten.
    account.log = lambda number: COLD if number % 10 == 0 else WARM
    assert len(warm(connect(), TARGET, 10, lambda _: None).waves) == MAX_WAVES


def test_the_event_is_an_empty_batch_so_no_judge_is_called(account: Account) -> None:
    warm(connect(), TARGET, 3, lambda _: None)
    sent = account.asked("Invoke")
    assert [each["Payload"] for each in sent] == [EVENT] * 3 == [b"[]"] * 3
    assert {each["LogType"] for each in sent} == {"Tail"}


def test_a_function_that_fails_is_reported(account: Account) -> None:
    account.function = lambda _: b'{"errorType": "SettingsError", "errorMessage": "DEADLINE_S is wrong"}'
    with pytest.raises(CloudError, match="DEADLINE_S is wrong"):
        warm(connect(), TARGET, 2, lambda _: None)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (COLD, "At least 4 are warm now"),
        (WARM, "Their number is unknown"),
    ],
)
def test_it_says_what_it_can_and_cannot_promise(account: Account, line: str, told: str) -> None:
    account.log = lambda _: line
    done = call("warm", "--count", "4", "--target", ARN, "--yes")
    assert done.exit_code == 0, done.output
    assert told in done.output
    assert "without a guarantee" in done.output


def test_the_cost_is_shown_before_it_asks(account: Account) -> None:
    done = call("warm", "--count", "100", "--target", ARN, answer="n\n")
    assert done.exit_code == 1
    # 100 × 2 s × 1 GB × $0.0000166667 = $0.0033
    assert "about $0.0033" in done.output
    assert account.invocations == 0


def test_without_a_target_the_stack_names_the_function_not_the_alias(account: Account) -> None:
    done = call("warm", "--count", "1", "--yes")
    assert done.exit_code == 0, done.output
    assert account.asked("Invoke")[0]["FunctionName"] == ARN
