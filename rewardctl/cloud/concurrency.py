"""Reserved, provisioned and unreserved concurrency, and whether an account can provide more."""

from collections.abc import Sequence
from dataclasses import dataclass

from rewardctl.cloud.clients import Clients
from rewardctl.cloud.errors import CloudError, explained
from rewardctl.cloud.target import Target

KEPT_FREE = 100
"""Concurrency that AWS always keeps for functions without reserved concurrency (Lambda guide)."""
RECIPE_LIMIT = 12
"""Default of a recipe's `lambda_concurrency_limit` (SageMaker training jobs)."""


@dataclass(frozen=True)
class Standing:
    """The current concurrency of an account in one region, in environments.

    `reserved` belongs to the function, None if nothing is reserved; `provisioned` is by alias or version.
    """

    account: int
    unreserved: int
    reserved: int | None
    provisioned: dict[str, int]


def read_standing(clients: Clients, target: Target) -> Standing:
    """Read the current concurrency. Raises CloudError."""
    functions = clients("lambda")
    account, unreserved = account_room(clients)
    with explained("reading the function's concurrency"):
        reserved = functions.get_function_concurrency(FunctionName=target.function_arn)
        pages = functions.get_paginator("list_provisioned_concurrency_configs").paginate(
            FunctionName=target.function_arn
        )
        provisioned = [each for page in pages for each in page["ProvisionedConcurrencyConfigs"]]
    return Standing(
        account,
        unreserved,
        reserved.get("ReservedConcurrentExecutions"),
        {
            each["FunctionArn"].rpartition(":")[2]: each["RequestedProvisionedConcurrentExecutions"]
            for each in provisioned
        },
    )


def account_room(clients: Clients) -> tuple[int, int]:
    """The account's total and unreserved concurrency in this region. Raises CloudError."""
    with explained("reading the account's concurrency"):
        limit = clients("lambda").get_account_settings()["AccountLimit"]
    return limit["ConcurrentExecutions"], limit["UnreservedConcurrentExecutions"]


def refusals(
    requested: int, qualifier: str, now: Standing, *, recipe_limit: int = RECIPE_LIMIT
) -> Sequence[str]:
    """Reasons against `requested` provisioned environments for `qualifier`, [] if there are none.

    Provisioned concurrency is part of the function's reserved concurrency; the rest must serve up to
    `recipe_limit` simultaneous callers of $LATEST. Without reserved concurrency it is taken from the
    account's unreserved concurrency, of which AWS keeps 100.
    """
    others = sum(count for name, count in now.provisioned.items() if name != qualifier)
    held = now.provisioned.get(qualifier, 0)
    if now.reserved is not None:
        left = now.reserved - others - requested
        if left >= recipe_limit:
            return []
        return [
            f"the function's reserved concurrency is {now.reserved}: {requested + others} provisioned leave "
            f"{left} for $LATEST, which the SageMaker SDKs call; it needs {recipe_limit}. Reserve at least "
            f"{requested + others + recipe_limit}, or provision fewer."
        ]
    free = now.unreserved - KEPT_FREE
    if requested <= held or requested - held <= free:
        return []
    return [
        f"{requested} environments are {requested - held} more than now, and the account has {max(free, 0)} "
        f"free: {now.unreserved} of {now.account} are unreserved, and AWS keeps {KEPT_FREE} of them. "
        "Ask for more under Service Quotas (Lambda, concurrent executions), or provision fewer."
    ]


def refuse_without_room(
    requested: int, qualifier: str, now: Standing, *, recipe_limit: int = RECIPE_LIMIT
) -> None:
    """Raise CloudError if there is a reason against it."""
    if reasons := refusals(requested, qualifier, now, recipe_limit=recipe_limit):
        raise CloudError("not enough concurrency: " + " ".join(reasons))
