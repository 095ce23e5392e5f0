"""Set and remove the provisioned concurrency of an alias."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from reward_fn.deadline import Clock
from rewardctl.cloud.clients import Clients
from rewardctl.cloud.concurrency import RECIPE_LIMIT, read_standing, refuse_without_room
from rewardctl.cloud.errors import CloudError, explained
from rewardctl.cloud.prices import price_of, provisioned_words
from rewardctl.cloud.target import Target

Say = Callable[[str], None]
POLL_S = 5.0
WITHIN_S = 900.0
MAX_ENVIRONMENTS = 10_000


@dataclass(frozen=True)
class Plan:
    """Requested and current provisioned environments of an alias, with the cost in words."""

    target: Target
    requested: int
    now: int
    cost: str


def plan(clients: Clients, target: Target, requested: int, *, recipe_limit: int = RECIPE_LIMIT) -> Plan:
    """Check that the account can provide them. Raises CloudError if not, or if the target has no alias."""
    if not 1 <= requested <= MAX_ENVIRONMENTS:
        raise CloudError(
            f"N={requested} is not from 1 to {MAX_ENVIRONMENTS:,}",
            remedy="To remove all, use `make unprovision`.",
        )
    _require_qualifier(target)
    now = read_standing(clients, target)
    refuse_without_room(requested, target.qualifier, now, recipe_limit=recipe_limit)
    with explained("reading the alias's configuration"):
        configuration = clients("lambda").get_function_configuration(
            FunctionName=target.function_arn, Qualifier=target.qualifier
        )
    price = price_of(target.region, configuration.get("Architectures", ["x86_64"])[0])
    cost = provisioned_words(requested, configuration["MemorySize"], price)
    return Plan(target, requested, now.provisioned.get(target.qualifier, 0), cost)


def provision(
    clients: Clients,
    request: Plan,
    say: Say,
    *,
    sleep: Callable[[float], None] = time.sleep,
    clock: Clock = time.monotonic,
) -> int:
    """Request the environments, wait until all are ready, and return their number.

    Raises CloudError if AWS reports a failure, or if they are not ready within 15 minutes.
    """
    where = {"FunctionName": request.target.function_arn, "Qualifier": request.target.qualifier}
    functions = clients("lambda")
    with explained("requesting provisioned concurrency"):
        functions.put_provisioned_concurrency_config(
            **where, ProvisionedConcurrentExecutions=request.requested
        )
    start_s = clock()
    while True:
        with explained("reading the state of provisioned concurrency"):
            state: dict[str, Any] = functions.get_provisioned_concurrency_config(**where)
        ready = int(state.get("AvailableProvisionedConcurrentExecutions", 0))
        if state["Status"] == "READY":
            return ready
        if state["Status"] == "FAILED":
            raise CloudError(
                f"AWS stopped at {ready} of {request.requested}: "
                f"{state.get('StatusReason', 'no reason given')}",
                remedy="Look for a failed start in the function's log, then repeat `make provision`, "
                "or `make unprovision`.",
            )
        waited_s = clock() - start_s
        if waited_s > WITHIN_S:
            raise CloudError(
                f"only {ready} of {request.requested} are ready after {waited_s:.0f} s",
                remedy="The rest still starts, and all cost money now: look later, or `make unprovision`.",
            )
        say(f"  {waited_s:.0f} s: {ready} of {request.requested} ready")
        sleep(POLL_S)


def unprovision(clients: Clients, target: Target) -> int:
    """Remove all provisioned concurrency of an alias and return its number. Raises CloudError."""
    _require_qualifier(target)
    where = {"FunctionName": target.function_arn, "Qualifier": target.qualifier}
    functions = clients("lambda")
    try:
        with explained("reading provisioned concurrency"):
            held = functions.get_provisioned_concurrency_config(**where)
    except CloudError as error:
        if error.code == "ProvisionedConcurrencyConfigNotFoundException":
            return 0
        raise
    with explained("removing provisioned concurrency"):
        functions.delete_provisioned_concurrency_config(**where)
    return int(held["RequestedProvisionedConcurrentExecutions"])


def _require_qualifier(target: Target) -> None:
    if target.qualifier in ("", "$LATEST"):
        raise CloudError(
            f"{target.arn} is not an alias, which provisioned concurrency needs",
            remedy=f"Give the ARN of the alias, {target.function_arn}:live.",
        )
