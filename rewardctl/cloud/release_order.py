"""One deployment: its environment, its parameters, and the checks before anything is built."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from rewardctl.cloud.clients import Clients
from rewardctl.cloud.concurrency import KEPT_FREE, account_room
from rewardctl.cloud.errors import CloudError, explained
from rewardctl.cloud.prices import price_of, provisioned_words
from rewardctl.cloud.stacks import Environment
from rewardctl.template import defaults, load_template


class Check(Protocol):
    """Returns the mistakes in a deployment's parameters for a region, one line each."""

    def __call__(self, parameters: Mapping[str, str], /, *, region: str) -> Sequence[str]: ...


Hash = Callable[[Path, Mapping[str, str]], str]
HASH_PARAMETER = "ReleaseHash"
FUNCTION_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class Order:
    """`given` are the parameters for sam; `effective` adds the template's defaults for all others."""

    environment: Environment
    given: Mapping[str, str]
    effective: Mapping[str, str]

    @property
    def function(self) -> str:
        """The function's name."""
        return self.effective.get("FunctionName", "")

    @property
    def provisioned(self) -> int:
        """Provisioned environments of the alias."""
        return int(self.effective.get("ProvisionedConcurrency") or 0)

    @property
    def taken(self) -> int:
        """Concurrency that the stack takes from the account: provisioned, and reserved for $LATEST."""
        return self.provisioned + int(self.effective.get("LatestConcurrency") or 0)


def order(
    environment: Environment,
    extra: Mapping[str, str],
    project: Path,
    *,
    region: str,
    check: Check,
    hash_of: Hash,
) -> Order:
    """Combine the environment's parameters with `extra`, which overrides them, and the release hash.

    Raises CloudError that names all mistakes, before anything is built or created.
    """
    given = {**environment.parameters, **extra}
    by_default = template_defaults(project)
    if unknown := sorted(given.keys() - by_default.keys()):
        raise CloudError(
            f"template.yaml has no parameter {', '.join(unknown)}",
            remedy=f"It has {', '.join(sorted(by_default))}.",
        )
    effective = {**by_default, **given}
    if wrong := [*name_mistakes(effective.get("FunctionName", "")), *check(given, region=region)]:
        raise CloudError(
            f"{environment.name} can't be deployed: " + "; ".join(wrong),
            remedy="Correct samconfig.toml or --set and deploy again. Nothing was created.",
        )
    made = Order(environment, given, effective)
    if HASH_PARAMETER not in by_default:
        return made
    release = {HASH_PARAMETER: hash_of(project, given)}
    return replace(made, given={**given, **release}, effective={**effective, **release})


def template_defaults(project: Path) -> dict[str, str]:
    """The template's parameters with their defaults. Raises CloudError if it can't be read."""
    try:
        return defaults(load_template(project / "template.yaml"))
    except (OSError, ValueError, KeyError) as error:
        raise CloudError(f"template.yaml can't be read: {error}", remedy="Try `make validate`.") from error


def name_mistakes(function: str) -> list[str]:
    """Mistakes that make Lambda refuse the function's name, or a trainer not call it."""
    mistakes = []
    if not FUNCTION_NAME.fullmatch(function):
        mistakes.append(
            f"FunctionName={function!r} must have 1 to 64 letters, digits, hyphens or underscores"
        )
    if "SageMaker" not in function:
        mistakes.append(
            f'FunctionName={function!r} must contain "SageMaker", in this spelling: HyperPod calls no other'
        )
    return mistakes


def name_is_free(clients: Clients, ordered: Order) -> None:
    """Raise CloudError if a function of that name exists outside the stack."""
    try:
        with explained("looking for a function of that name"):
            tags = clients("lambda").get_function(FunctionName=ordered.function).get("Tags", {})
    except CloudError as error:
        if error.is_absent or error.is_denied:
            return
        raise
    owner = tags.get("aws:cloudformation:stack-name", "")
    if owner != ordered.environment.stack:
        owner_text = f"the stack {owner}" if owner else "no stack"
        raise CloudError(
            f"the account already has a function {ordered.function}, which belongs to {owner_text}",
            remedy="Choose another FunctionName in samconfig.toml. Nothing was created.",
        )


def cost_and_room(clients: Clients, ordered: Order, region: str) -> tuple[str, str]:
    """Return one line with the cost of the alias an hour and one with the account's concurrency.

    Raises CloudError if the account certainly has too little.
    """
    effective = ordered.effective
    price = price_of(region, effective.get("Architecture", "x86_64"))
    cost = provisioned_words(ordered.provisioned, int(effective.get("MemorySize", "0")), price)
    account, unreserved = account_room(clients)
    if ordered.taken and ordered.taken + KEPT_FREE > account:
        raise CloudError(
            f"{ordered.taken} provisioned or reserved environments and the {KEPT_FREE} that AWS keeps are "
            f"more than the account's {account}",
            remedy="Deploy with ProvisionedConcurrency=0 and LatestConcurrency=0, or ask for more under "
            "Service Quotas (Lambda, concurrent executions).",
        )
    room = f"Concurrency: {unreserved} of the account's {account} are unreserved"
    if ordered.taken and ordered.taken > unreserved - KEPT_FREE:
        room += f"; the stack's {ordered.taken} fit only if it holds them already"
    return cost, room + "."
