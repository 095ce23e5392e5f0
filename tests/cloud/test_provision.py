"""Provisioned concurrency: its price, its room, and its orders."""

import click
import pytest

from rewardctl.cloud.clients import connect
from rewardctl.cloud.concurrency import Standing, refusals
from rewardctl.cloud.errors import CloudError
from rewardctl.cloud.prices import HOURS_A_MONTH, price_of, provisioned_words, table
from rewardctl.cloud.provisioning import Plan, plan, provision
from rewardctl.cloud.target import parse_target
from tests.cloud.account import ALIAS_ARN, ARN, Account
from tests.cloud.test_errors import call

TARGET = parse_target(ALIAS_ARN)


def test_the_price_of_a_hundred_environments_of_one_processor() -> None:
    # 100 × 1769 MB / 1024 = 172.754 GB; × 3600 s = 621,914 GB-s; × $0.0000041667 = $2.5913 an hour
    price = price_of("us-east-1", "x86_64")
    assert price.provisioned_usd_an_hour(100, 1769) == pytest.approx(2.5913, abs=1e-4)
    # × 730 hours = $1,891.7 a month
    assert price.provisioned_usd_an_hour(100, 1769) * HOURS_A_MONTH == pytest.approx(1891.7, abs=0.1)


def test_arm64_costs_a_fifth_less() -> None:
    # 0.0000033334 / 0.0000041667 = 0.8000
    x86, arm = (price_of("us-east-1", each).provisioned_usd for each in ("x86_64", "arm64"))
    assert arm / x86 == pytest.approx(0.8, abs=1e-4)


def test_a_region_that_the_table_lacks_gets_a_guide_and_is_told_so() -> None:
    price = price_of("eu-west-1", "x86_64")
    assert price.is_guide
    assert "as a guide" in provisioned_words(10, 1769, price)
    assert "as a guide" not in provisioned_words(10, 1769, price_of("us-west-2", "x86_64"))


def test_every_price_has_its_source_and_date() -> None:
    assert table()["source"].startswith("AWS Lambda Pricing")
    assert str(table()["date"]).count("-") == 2
    assert table()["guide"] in table()


def standing(**changes: object) -> Standing:
    return Standing(**{"account": 1000, "unreserved": 900, "reserved": None, "provisioned": {}, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wanted", "now", "allowed"),
    [
        (800, standing(), True),  # 900 unreserved less the 100 that AWS keeps
        (801, standing(), False),
        (850, standing(provisioned={"live": 50}), True),  # 800 more than now
        (851, standing(provisioned={"live": 50}), False),
        (88, standing(reserved=100), True),  # 100 - 88 = 12 for $LATEST
        (89, standing(reserved=100), False),
        (78, standing(reserved=100, provisioned={"1": 10}), True),  # 100 - 10 - 78 = 12
        (79, standing(reserved=100, provisioned={"1": 10}), False),
        (88, standing(reserved=100, provisioned={"live": 88}), True),  # its own does not count twice
        (10, standing(unreserved=50), False),
    ],
)
def test_what_is_provisioned_leaves_room_for_the_others(wanted: int, now: Standing, allowed: bool) -> None:
    assert (refusals(wanted, "live", now) == []) is allowed


def test_a_recipes_own_limit_is_kept_free() -> None:
    assert refusals(88, "live", standing(reserved=100), recipe_limit=13)
    assert refusals(87, "live", standing(reserved=100), recipe_limit=13) == []


def test_provision_shows_the_price_asks_and_waits_until_all_are_ready(account: Account) -> None:
    done = call("provision", "--count", "120", "--target", ALIAS_ARN, "--yes")
    assert done.exit_code == 0, done.output
    # 120 × 1 GB × 3600 s × $0.0000041667 = $1.80
    assert "$1.80 an hour" in done.output
    assert "120 environments are ready" in done.output
    assert account.provisioned == {"live": 120}


def test_a_no_changes_nothing(account: Account) -> None:
    done = call("provision", "--count", "120", "--target", ALIAS_ARN, answer="n\n")
    assert done.exit_code == 1
    assert account.asked("PutProvisionedConcurrencyConfig") == []


def test_nobody_at_the_keyboard_is_a_no(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    def ended(*_: object, **__: object) -> bool:
        raise click.Abort

    monkeypatch.setattr(click, "confirm", ended)
    done = call("provision", "--count", "120", "--target", ALIAS_ARN)
    assert done.exit_code == 1
    assert "--yes" in done.output
    assert account.asked("PutProvisionedConcurrencyConfig") == []


def test_what_there_is_no_room_for_is_refused_before_it_is_ordered(account: Account) -> None:
    account.reserved = 100
    done = call("provision", "--count", "95", "--target", ALIAS_ARN, "--yes")
    assert done.exit_code == 1
    assert "Reserve at least 107" in done.output  # 95 + 12
    assert account.asked("PutProvisionedConcurrencyConfig") == []


def test_a_function_without_its_alias_can_not_be_provisioned(account: Account) -> None:
    done = call("provision", "--count", "5", "--target", ARN, "--yes")
    assert done.exit_code == 1
    assert f"{ARN}:live" in done.output
    assert account.calls == []


def test_without_a_target_the_stack_names_the_alias(account: Account) -> None:
    done = call("provision", "--count", "5", "--yes")
    assert done.exit_code == 0, done.output
    assert account.asked("DescribeStacks") == [{"StackName": "nova-reward-function"}]
    assert account.provisioned == {"live": 5}


def test_unprovision_takes_all_off(account: Account) -> None:
    done = call("provision", "--count", "0", "--target", ALIAS_ARN)
    assert done.exit_code == 0, done.output
    assert "removed 100 provisioned environments" in done.output
    assert account.provisioned == {}


def test_unprovision_of_nothing_is_no_error(account: Account) -> None:
    account.provisioned = {}
    done = call("provision", "--count", "0", "--target", ALIAS_ARN)
    assert done.exit_code == 0, done.output
    assert account.asked("DeleteProvisionedConcurrencyConfig") == []


def ordered(account: Account, wanted: int = 10) -> Plan:
    return plan(connect(), TARGET, wanted)


def test_the_wait_says_how_many_are_ready(account: Account) -> None:
    account.states = [
        {"Status": "IN_PROGRESS", "AvailableProvisionedConcurrentExecutions": 4},
        {"Status": "READY"},
    ]
    said: list[str] = []
    slept: list[float] = []
    ready = provision(connect(), ordered(account), said.append, sleep=slept.append, clock=lambda: 0.0)
    assert ready == 10
    assert said == ["  0 s: 4 of 10 ready"]
    assert len(slept) == 1


def test_a_failed_order_tells_awss_reason(account: Account) -> None:
    account.states = [{"Status": "FAILED", "StatusReason": "FUNCTION_ERROR_INIT_FAILURE"}]
    with pytest.raises(CloudError, match="FUNCTION_ERROR_INIT_FAILURE"):
        provision(connect(), ordered(account), print, sleep=lambda _: None)


def test_the_wait_has_an_end(account: Account) -> None:
    account.states = [{"Status": "IN_PROGRESS"}] * 3
    clock = iter([0.0, 1.0, 901.0])
    with pytest.raises(CloudError, match="only 0 of 10 are ready"):
        provision(
            connect(), ordered(account), lambda _: None, sleep=lambda _: None, clock=lambda: next(clock)
        )


def test_fewer_than_now_fit_however_little_the_account_has_left() -> None:
    # 50 unreserved are fewer than the 100 that AWS keeps, but 20 in place of 100 take nothing.
    assert refusals(20, "live", Standing(1000, 50, None, {"live": 100})) == []
    assert len(refusals(101, "live", Standing(1000, 50, None, {"live": 100}))) == 1
