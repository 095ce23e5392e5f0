"""Provisioned concurrency on an alias, changed around a job."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rewardctl.cloud.clients import Clients
from rewardctl.cloud.concurrency import RECIPE_LIMIT, refuse_without_room, standing
from rewardctl.cloud.errors import CloudError, explained
from rewardctl.cloud.prices import price_of, provisioned_words
from rewardctl.cloud.target import Target

Say = Callable[[str], None]
POLL_S = 5.0
WITHIN_S = 900.0
MAX_ENVIRONMENTS = 10_000


@dataclass(frozen=True)
class Plan:
    """What is wanted for an alias and what holds now, in environments, with the cost in words."""

    target: Target
    wanted: int
    now: int
    cost: str


def plan(clients: Clients, target: Target, wanted: int, *, recipe_limit: int = RECIPE_LIMIT) -> Plan:
    """Checks that there is room. Raises CloudError where there is none, or the target is no alias."""
    if not 1 <= wanted <= MAX_ENVIRONMENTS:
        raise CloudError(
            f"N={wanted} is not from 1 to {MAX_ENVIRONMENTS:,}", remedy="For none, use `make unprovision`."
        )
    _must_be_qualified(target)
    now = standing(clients, target)
    refuse_without_room(wanted, target.qualifier, now, recipe_limit=recipe_limit)
    with explained("reading the alias's configuration"):
        found = clients("lambda").get_function_configuration(
            FunctionName=target.function_arn, Qualifier=target.qualifier
        )
    price = price_of(target.region, found.get("Architectures", ["x86_64"])[0])
    cost = provisioned_words(wanted, found["MemorySize"], price)
    return Plan(target, wanted, now.provisioned.get(target.qualifier, 0), cost)


def provision(
    clients: Clients,
    ordered: Plan,
    say: Say,
    *,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> int:
    """Orders the environments and waits until all are ready; returns how many are.

    Raises CloudError where AWS gives up, or they are not ready within 15 minutes.
    """
    where = {"FunctionName": ordered.target.function_arn, "Qualifier": ordered.target.qualifier}
    functions = clients("lambda")
    with explained("ordering provisioned concurrency"):
        functions.put_provisioned_concurrency_config(**where, ProvisionedConcurrentExecutions=ordered.wanted)
    start_s = clock()
    while True:
        with explained("reading the state of provisioned concurrency"):
            state: dict[str, Any] = functions.get_provisioned_concurrency_config(**where)
        ready = int(state.get("AvailableProvisionedConcurrentExecutions", 0))
        if state["Status"] == "READY":
            return ready
        if state["Status"] == "FAILED":
            raise CloudError(
                f"AWS gave up at {ready} of {ordered.wanted}: {state.get('StatusReason', 'no reason given')}",
                remedy="Look at the function's log for a failing start, then `make provision` again, "
                "or `make unprovision`.",
            )
        waited_s = clock() - start_s
        if waited_s > WITHIN_S:
            raise CloudError(
                f"only {ready} of {ordered.wanted} are ready after {waited_s:.0f} s",
                remedy="They go on starting, and cost from now on: look again later, or `make unprovision`.",
            )
        say(f"  {waited_s:.0f} s: {ready} of {ordered.wanted} ready")
        sleep(POLL_S)


def unprovision(clients: Clients, target: Target) -> int:
    """Takes all provisioned concurrency off an alias; returns how much it had. Raises CloudError."""
    _must_be_qualified(target)
    where = {"FunctionName": target.function_arn, "Qualifier": target.qualifier}
    functions = clients("lambda")
    try:
        with explained("reading provisioned concurrency"):
            held = functions.get_provisioned_concurrency_config(**where)
    except CloudError as error:
        if error.code == "ProvisionedConcurrencyConfigNotFoundException":
            return 0
        raise
    with explained("taking provisioned concurrency off"):
        functions.delete_provisioned_concurrency_config(**where)
    return int(held["RequestedProvisionedConcurrentExecutions"])


def _must_be_qualified(target: Target) -> None:
    if target.qualifier in ("", "$LATEST"):
        raise CloudError(
            f"{target.arn} is no alias: provisioned concurrency needs one",
            remedy=f"Give the alias's ARN, {target.function_arn}:live.",
        )
