"""Whether an account has room for what is asked: reserved, provisioned and unreserved concurrency."""

from collections.abc import Sequence
from dataclasses import dataclass

from rewardctl.cloud.clients import Clients
from rewardctl.cloud.errors import CloudError, explained
from rewardctl.cloud.target import Target

KEPT_FREE = 100
"""What AWS leaves to functions without reserved concurrency, whatever else is asked for."""
RECIPE_LIMIT = 12
"""A recipe's `lambda_concurrency_limit` where it names none (SageMaker training jobs)."""


@dataclass(frozen=True)
class Standing:
    """An account's concurrency in one region as it is now, in environments.

    `reserved` is the function's own, None where it has none; `provisioned` what its aliases and versions
    hold by qualifier.
    """

    account: int
    unreserved: int
    reserved: int | None
    provisioned: dict[str, int]


def standing(clients: Clients, target: Target) -> Standing:
    """Raises CloudError."""
    functions = clients("lambda")
    account, unreserved = account_room(clients)
    with explained("reading the function's concurrency"):
        reserved = functions.get_function_concurrency(FunctionName=target.function_arn)
        pages = functions.get_paginator("list_provisioned_concurrency_configs").paginate(
            FunctionName=target.function_arn
        )
        found = [each for page in pages for each in page["ProvisionedConcurrencyConfigs"]]
    return Standing(
        account,
        unreserved,
        reserved.get("ReservedConcurrentExecutions"),
        {
            each["FunctionArn"].rpartition(":")[2]: each["RequestedProvisionedConcurrentExecutions"]
            for each in found
        },
    )


def account_room(clients: Clients) -> tuple[int, int]:
    """The account's whole and its unreserved concurrency in this region. Raises CloudError."""
    with explained("reading the account's concurrency"):
        limit = clients("lambda").get_account_settings()["AccountLimit"]
    return limit["ConcurrentExecutions"], limit["UnreservedConcurrentExecutions"]


def refusals(
    wanted: int, qualifier: str, now: Standing, *, recipe_limit: int = RECIPE_LIMIT
) -> Sequence[str]:
    """Why `wanted` provisioned environments for `qualifier` can't be, [] where they can.

    Provisioned capacity is taken out of the function's reserved one, and what is left of that must carry
    the callers who land on $LATEST, up to `recipe_limit` at a time. Where nothing is reserved it comes out of
    the account's unreserved concurrency, of which AWS keeps 100 back.
    """
    others = sum(count for name, count in now.provisioned.items() if name != qualifier)
    held = now.provisioned.get(qualifier, 0)
    if now.reserved is not None:
        left = now.reserved - others - wanted
        if left >= recipe_limit:
            return []
        return [
            f"the function's reserved concurrency is {now.reserved}: {wanted + others} leave "
            f"{left} to $LATEST, where the SageMaker SDKs land; {recipe_limit} are needed. Reserve at least "
            f"{wanted + others + recipe_limit}, or provision fewer."
        ]
    free = now.unreserved - KEPT_FREE
    if wanted <= held or wanted - held <= free:
        return []
    return [
        f"{wanted} are {wanted - held} more than now, and the account has {max(free, 0)} to give: "
        f"{now.unreserved} unreserved of {now.account}, of which AWS keeps {KEPT_FREE} back. "
        "Ask for more under Service Quotas (Lambda, concurrent executions), or provision fewer."
    ]


def refuse_without_room(
    wanted: int, qualifier: str, now: Standing, *, recipe_limit: int = RECIPE_LIMIT
) -> None:
    """Raises CloudError where there is no room."""
    if found := refusals(wanted, qualifier, now, recipe_limit=recipe_limit):
        raise CloudError("no room for that: " + " ".join(found))
